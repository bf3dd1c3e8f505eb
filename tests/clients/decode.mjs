// Encodes every error and event of ABIs with one client and decodes it with the other. Reads a JSON
// list of { contractName, abi } on stdin, writes { errors, events, functions }: how many of each.
import { readFileSync } from "node:fs";
import { Interface } from "ethers";
import { decodeErrorResult, decodeEventLog, encodeErrorResult, encodeFunctionData } from "viem";

const SAMPLES = { address: "0x" + "11".repeat(20), bool: true, string: "text" };

// A value of an ABI type: numbers are 1, lists without a length have one element.
function sample(parameter) {
  const { type } = parameter;
  if (type.endsWith("]")) {
    const open = type.lastIndexOf("[");
    const length = Number(type.slice(open + 1, -1) || 1);
    return Array.from({ length }, () => sample({ ...parameter, type: type.slice(0, open) }));
  }
  if (type === "tuple") return parameter.components.map(sample);
  if (type in SAMPLES) return SAMPLES[type];
  if (type === "bytes") return "0x1234";
  if (type.startsWith("bytes")) return "0x" + "22".repeat(Number(type.slice(5)));
  return 1n;
}

const same = (left, right, what) => {
  if (left !== right) throw new Error(`${what}: ${left} is not ${right}`);
};
const counts = { errors: 0, events: 0, functions: 0 };
for (const { contractName, abi } of JSON.parse(readFileSync(0, "utf8"))) {
  const ethers = new Interface(abi);
  for (const entry of abi) {
    const where = `${contractName}.${entry.name}`;
    const inputs = entry.inputs ?? [];
    if (entry.type === "error") {
      const data = ethers.encodeErrorResult(entry.name, inputs.map(sample));
      same(decodeErrorResult({ abi, data }).errorName, entry.name, where);
      const back = encodeErrorResult({ abi, errorName: entry.name, args: inputs.map(sample) });
      same(ethers.parseError(back).name, entry.name, where);
      counts.errors += 1;
    } else if (entry.type === "event") {
      const { topics, data } = ethers.encodeEventLog(entry.name, inputs.map(sample));
      const decoded = decodeEventLog({ abi, topics, data });
      same(decoded.eventName, entry.name, where);
      same(Object.keys(decoded.args ?? {}).length, inputs.length, where);
      counts.events += 1;
    } else if (entry.type === "function") {
      const signature = ethers.fragments.filter((item) => item.type === "function" && item.name === entry.name);
      if (signature.length > 1) continue; // Overloads: a name alone does not say which.
      const data = ethers.encodeFunctionData(entry.name, inputs.map(sample));
      same(data, encodeFunctionData({ abi, functionName: entry.name, args: inputs.map(sample) }), where);
      counts.functions += 1;
    }
  }
}
process.stdout.write(JSON.stringify(counts));
