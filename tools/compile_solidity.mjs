#!/usr/bin/env node
// npm's solc with as much of solc's command line as tools/solidity.py and forge use:
// --version, and --standard-json with the input on stdin and the output on stdout.
// Imports that the input does not hold are read from node_modules.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const modules = join(dirname(fileURLToPath(import.meta.url)), "..", "node_modules");
const solc = createRequire(import.meta.url)("solc");

function read(path) {
  try {
    return { contents: readFileSync(join(modules, path), "utf8") };
  } catch {
    return { error: `${path} is not in node_modules` };
  }
}

if (process.argv.includes("--version")) {
  // forge parses the version out of the native compiler's text.
  const version = solc.version().replace(".Emscripten.clang", ".Linux.g++");
  process.stdout.write(`solc, the solidity compiler commandline interface\nVersion: ${version}\n`);
} else if (process.argv.includes("--standard-json")) {
  process.stdout.write(solc.compile(readFileSync(0, "utf8"), { import: read }));
} else {
  process.stderr.write("usage: compile_solidity.mjs --version | --standard-json < input.json\n");
  process.exit(2);
}
