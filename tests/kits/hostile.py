"""Files as they should not be: seeds of the fuzzer and of the tables of the readers."""

from flywheel.evaluations import attestations
from flywheel.governance.ballots import Signed

ACCOUNT = "0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65"
OTHER = "0x90F79bf6EB2c4f870365E785982E1f101E93b906"
# A slip in one digit, which the capitals tell.
SLIP = "0x15d34AAf54267DB7D7c367839AAf71A00a2C6A66"
DIGITS = "9" * 5_000
CONTRACT = "0x" + "22" * 20
PROPOSAL = 2**256 - 1
BALLOT = Signed(
    "ballot",
    1337,
    CONTRACT,
    ACCOUNT,
    {"proposalId": PROPOSAL, "support": 1, "voter": ACCOUNT, "nonce": 4},
    b"\xab" * 65,
)
ATTESTATION = attestations.Signed(
    1337, CONTRACT, ACCOUNT, PROPOSAL, b"\xcd" * 32, 2**64, b"\xab" * 65
)
DELEGATION = Signed(
    "delegation",
    1337,
    CONTRACT,
    ACCOUNT,
    {"delegatee": OTHER, "nonce": 4, "expiry": 2**64},
    b"\xab" * 65,
)


def card(front: str, text: str = "# River\n") -> bytes:
    return f"---\n{front}---\n{text}".encode()


CARD = card("model_name: lab/river\nbase_model: lab/base-7b\nlicense: mit\n")
CARDS = [
    CARD,
    b"\n  \n" + CARD,
    b"\xef\xbb\xbf" + CARD,
    CARD.decode().encode("utf-16"),
    CARD.decode().encode("utf-16-le"),
    CARD.decode().encode("utf-32"),
    card("model_name: Modèle\nbase_model: lab/base\n").decode().encode("latin-1"),
    card("extra_gated_prompt: |\n  Agree:\n  ---\n  Yes.\nbase_model: lab/base\n"),
    card("base_model: lab/base\nbase_model: []\n"),
    card("base_model: lab/base\nbase_model_relation: [merge]\n"),
    card("base_model: {a: b}\ntags: 7\nlicense: [1, 2]\n"),
    card("base_model: lab/base\ntags: gguf\n"),
    card("date: 2025-02-30\n"),
    card('model_name: "a\\0b"\n'),
    card("model_name: a\bb\n"),
    card('model_name: "\\ud800"\n'),
    card('model_name: "\\U00110000"\n'),
    card("1: x\ntrue: y\n? [a]\n: z\n"),
    card("a: &a [x]\nb: *a\n<<: {base_model: lab/hidden}\n"),
    card("license: mit\n", "```\n# no name\n```\n<!--\n# nor this\n-->\n# **River** 7B\n"),
    card("license: mit\n", "# Model Card for Model ID\n"),
    card("model-index:\n- name: river\n  results: 7\n"),
    b"---\n---\n# River\n",
    b"--- \nbase_model: lab/base\n---\n# River\n",
    b"---\r\nbase_model: lab/base\r\n---\r\n# River\r\n",
    b"---\nbase_model: lab/base\n ---\n# River\n",
    b"",
    b"\0",
]

BOMB = b"a: &a [x, x, x, x, x, x, x, x, x, x]\n" + b"".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n".encode()
    for before, name in zip("abcdefg", "bcdefgh", strict=True)
)
YAMLS = [
    b"name: lab/river\nkind: foundation\ncard: README.md\ncard_uri: ipfs://x\n",
    b"name: 2025-02-30\nkind: foundation\ncard: README.md\n",
    b"name: river\nkind: foundation\ncard: README.md\ngrant: 010\n",
    b"name: river\nkind: foundation\ncard: README.md\ngrant: 1:30\n",
    b"name: river\nkind: foundation\ncard: README.md\ngrant: 0x12\n",
    b"name: river\nkind: foundation\ncard: README.md\ngrant: " + DIGITS.encode() + b"\n",
    b"name: river\nkind: foundation\ncard: README.md\nweights: [1.123456789012345678901]\n",
    b"name: river\n\tkind: foundation\n",
    b"name: river\nname: sea\n",
    b'name: "\\ud800"\nkind: foundation\ncard: README.md\n',
    b'name: "a\\0b"\nkind: foundation\ncard: "a\\0b"\n',
    b"name: !!int seven\nkind: !!set {a}\n",
    b"a: &a [*a]\n",
    b"[" * 3_000,
    BOMB,
    b"name: mod\xe8le\n",
    b"\xff\xfen\0a\0m\0e\0",
    b"- a\n",
    b"a: .nan\nb: .inf\nc: 1_0.5\n",
]

LABELS = b"worker,task,label\nann,t1,cat\nbob,t1,cat\n"
ROYALTIES = b"license,period,revenue,units,evidence\n1,1,100,,\n1,2,5.5,3,\n"
ACCOUNTS = f"name,account\nann,{ACCOUNT}\nben,{OTHER}\n".encode()
TABLES = [
    LABELS,
    ROYALTIES,
    ACCOUNTS,
    b"\xef\xbb\xbf" + LABELS,
    LABELS.decode().encode("utf-16"),
    b'worker,task,label\nann,t1,"cat\nbob,t1,cat"\n',
    b'worker,task,label\nann,t1,"cat\nbob,t1,cat\ncy,t1,"cat\n',
    b'worker,task,label\nann,t1,"cat"s\nbob,t1, "cat"\n',
    "worker,task,label\nw1,t1,yes\nw1 ,t1,no\nw1\u200b,t2,no\n".encode(),
    b"worker,task,label\n,,\n\nann,t1,cat\n,,,,\n",
    b"worker;task;label\nann;t1;cat\n",
    b"license,period,revenue,evidence\n1,1,1000,a\0b.pdf\n",
    f"license,period,revenue\n{DIGITS},1,1\n1,{DIGITS},1\n1,1,{DIGITS}\n".encode(),
    "license,period,revenue\n\u0661,\u00b2,\u0663\n".encode(),
    f"account,account\n{ACCOUNT},{OTHER}\n".encode(),
    f"account\n{SLIP}\n".encode(),
    b"worker,address\nann,0x12\n",
    b"worker,task,label\n",
    b"a" * 200_000,
    b'worker,task,label\n"' + b"a" * 200_000 + b'",t1,cat\n',
    b"",
]

JSONS = [
    b'{"kind": "ballot", "kind": "delegation"}',
    b'{"a": {"b": 1, "c": [{"b": 1}], "b": 2}}',
    b'{"total": NaN}',
    b'{"total": 1e999}',
    b'{"total": ' + DIGITS.encode() + b"}",
    b'{"total": 0.1234567890123456789}',
    b'{"salt": "\\ud800"}',
    b"[" * 100_000,
    b'\xef\xbb\xbf{"format": 1}',
    '{"format": 1}'.encode("utf-16"),
    b"\xe8",
    b"{",
    b"[]",
    b"null",
    b"7",
    b"",
]
