// SPDX-License-Identifier: AGPL-3.0-only
pragma solidity ^0.8.24;

/// One of many: makes the calls that its crowd tells it.
contract Member {
    address private immutable crowd = msg.sender;

    function run(address target, bytes calldata data) external {
        require(msg.sender == crowd, "not of this crowd");
        (bool done, bytes memory answer) = target.call(data);
        if (!done) {
            assembly {
                revert(add(answer, 32), mload(answer))
            }
        }
    }
}

/// Holders, voters, payers and claimers by the thousand, moved by a few transactions.
contract Crowd {
    Member[] public members;

    function grow(uint256 count) external {
        for (uint256 i = 0; i < count; ++i) {
            members.push(new Member());
        }
    }

    /// Members `first` to `last - 1` each send `data` to `target`, after the words at `holes` became its address.
    function each(address target, bytes memory data, uint256[] calldata holes, uint256 first, uint256 last) external {
        for (uint256 i = first; i < last; ++i) {
            Member member = members[i];
            for (uint256 j = 0; j < holes.length; ++j) {
                uint256 hole = holes[j];
                assembly {
                    mstore(add(add(data, 32), hole), member)
                }
            }
            member.run(target, data);
        }
    }

    /// Sends all of `data` to `target`, in this order.
    function all(address target, bytes[] calldata data) external {
        for (uint256 i = 0; i < data.length; ++i) {
            (bool done, bytes memory answer) = target.call(data[i]);
            if (!done) {
                assembly {
                    revert(add(answer, 32), mload(answer))
                }
            }
        }
    }
}
