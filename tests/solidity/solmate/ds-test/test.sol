// SPDX-License-Identifier: AGPL-3.0-only
pragma solidity >=0.8.0;

/// What solmate's tests use of the dapp.tools test library, which no npm package has: a check that fails reverts.
contract DSTest {
    event log(string);
    event log_named_address(string key, address value);
    event log_named_bytes(string key, bytes value);
    event log_named_bytes32(string key, bytes32 value);
    event log_named_decimal_uint(string key, uint256 value, uint256 decimals);
    event log_named_int(string key, int256 value);
    event log_named_string(string key, string value);
    event log_named_uint(string key, uint256 value);

    bool public constant IS_TEST = true;
    address internal constant HEVM_ADDRESS = address(uint160(uint256(keccak256("hevm cheat code"))));

    function fail() internal virtual {
        revert("check failed");
    }

    function assertTrue(bool data) internal virtual {
        if (!data) fail();
    }

    function assertEq(uint256 a, uint256 b) internal virtual {
        assertTrue(a == b);
    }

    function assertEq(address a, address b) internal virtual {
        assertTrue(a == b);
    }

    function assertEq(bytes32 a, bytes32 b) internal virtual {
        assertTrue(a == b);
    }

    function assertEq(string memory a, string memory b) internal virtual {
        assertTrue(keccak256(bytes(a)) == keccak256(bytes(b)));
    }
}
