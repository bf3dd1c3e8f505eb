// What @openzeppelin/merkle-tree makes of a leaf file: {types, values} on standard input; root, dump and all proofs out.
import { readFileSync } from "node:fs";
import { StandardMerkleTree } from "@openzeppelin/merkle-tree";

const { types, values } = JSON.parse(readFileSync(0, "utf8"));
const tree = StandardMerkleTree.of(values, types, { sortLeaves: false });
tree.validate();
const proofs = values.map((_, index) => tree.getProof(index));
process.stdout.write(JSON.stringify({ root: tree.root, dump: tree.dump(), proofs }));
