// Signs typed data as wallets do, with ethers and with viem. Reads a JSON list of requests on stdin:
//   { client: "ethers" | "viem", key, domain: the return data of eip712Domain(), types, primaryType, message }
// and writes a JSON list of { address, signature, domain } in the same order. Integers are decimal strings.
import { readFileSync } from "node:fs";
import { AbiCoder, Wallet } from "ethers";
import { decodeAbiParameters, parseAbiParameters } from "viem";
import { privateKeyToAccount } from "viem/accounts";

const DOMAIN = [
  "bytes1 fields",
  "string name",
  "string version",
  "uint256 chainId",
  "address verifyingContract",
  "bytes32 salt",
  "uint256[] extensions",
];

// ERC-5267: only what the bit map names is part of the domain.
function domainOf([fields, name, version, chainId, verifyingContract, salt, extensions]) {
  if (extensions.length > 0) throw new Error("the domain has extensions");
  const all = { name, version, chainId, verifyingContract, salt };
  return Object.fromEntries(Object.entries(all).filter((_, bit) => (Number(fields) >> bit) & 1));
}

const clients = {
  async ethers({ key, domain, types, message }) {
    const wallet = new Wallet(key);
    const read = domainOf([...AbiCoder.defaultAbiCoder().decode(DOMAIN, domain)]);
    return { address: wallet.address, signature: await wallet.signTypedData(read, types, message), domain: read };
  },
  async viem({ key, domain, types, primaryType, message }) {
    const account = privateKeyToAccount(key);
    const read = domainOf(decodeAbiParameters(parseAbiParameters(DOMAIN.join(", ")), domain));
    const signature = await account.signTypedData({ domain: read, types, primaryType, message });
    return { address: account.address, signature, domain: read };
  },
};

const requests = JSON.parse(readFileSync(0, "utf8"));
const answers = [];
for (const request of requests) answers.push(await clients[request.client](request));
const plain = (_, value) => (typeof value === "bigint" ? value.toString() : value);
process.stdout.write(JSON.stringify(answers, plain));
