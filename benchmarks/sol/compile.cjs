// Compiles the Solidity files named on the command line against npm's packages; prints the output as JSON.
// usage: node compile.cjs PROJECT_ROOT SETTINGS_JSON FILE...
"use strict";

const fs = require("fs");
const path = require("path");

const [root, settings, ...files] = process.argv.slice(2);
const packages = path.join(root, "node_modules");
const solc = require(path.join(packages, "solc"));

const input = {
  language: "Solidity",
  sources: Object.fromEntries(
    files.map((file) => [path.basename(file), { content: fs.readFileSync(file, "utf8") }]),
  ),
  settings: {
    ...JSON.parse(settings),
    outputSelection: { "*": { "*": ["abi", "evm.bytecode.object"] } },
  },
};

function read(name) {
  const file = path.join(packages, name);
  return fs.existsSync(file) ? { contents: fs.readFileSync(file, "utf8") } : { error: `no ${name}` };
}

const output = JSON.parse(solc.compile(JSON.stringify(input), { import: read }));
// Warnings are about the packages' own text.
const errors = (output.errors ?? []).filter((problem) => problem.severity === "error");
if (errors.length > 0) {
  process.stderr.write(errors.map((problem) => problem.formattedMessage).join(""));
  process.exit(1);
}
const contracts = {};
for (const found of Object.values(output.contracts ?? {})) {
  for (const [name, { abi, evm }] of Object.entries(found)) {
    if (evm.bytecode.object) {
      contracts[name] = { abi, bytecode: "0x" + evm.bytecode.object };
    }
  }
}
process.stdout.write(JSON.stringify({ compiler: solc.version(), contracts }));
