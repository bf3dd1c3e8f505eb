// SPDX-License-Identifier: AGPL-3.0-only
pragma solidity >=0.8.0;

interface Cheats {
    function envBytes(string calldata name) external view returns (bytes memory);
    function prank(address sender) external;
}

interface IMinters {
    function set_minter(address minter, uint256 cap) external;
}

/// Our token under the name, constructor and liberties of solmate's mock: anybody mints and burns.
///
/// The constructor runs the Vyper init code at this address, by delegatecall, and keeps the code that it returns; every
/// function then runs that code here. So address, storage and caller are as if the token itself stood here.
contract MockERC20 {
    Cheats private constant CHEATS = Cheats(address(uint160(uint256(keccak256("hevm cheat code")))));
    address private constant MINTER = address(uint160(uint256(keccak256("minter"))));
    uint256 private constant EPOCH_SECONDS = 30 days;

    address private immutable TOKEN_CODE;

    constructor(string memory name_, string memory symbol_, uint8) {
        bytes memory arguments = abi.encode(name_, symbol_, block.timestamp, EPOCH_SECONDS);
        address init = _install(abi.encodePacked(CHEATS.envBytes("TOKEN_INIT_CODE"), arguments));
        TOKEN_CODE = _install(_run(init, ""));
        // The caller is the owner now.
        _run(TOKEN_CODE, abi.encodeCall(IMinters.set_minter, (MINTER, type(uint256).max)));
    }

    // --- what solmate's mock adds ---

    function mint(address to, uint256 value) external {
        if (msg.sender != MINTER) {
            CHEATS.prank(MINTER);
            this.mint(to, value);
        } else {
            _forward();
        }
    }

    function burn(address from, uint256 value) external {
        CHEATS.prank(from);
        this.burn(value);
    }

    // --- the token ---

    function burn(uint256) external { _forward(); }
    function transfer(address, uint256) external returns (bool) { _forward(); }
    function transferFrom(address, address, uint256) external returns (bool) { _forward(); }
    function approve(address, uint256) external returns (bool) { _forward(); }
    function permit(address, address, uint256, uint256, uint8, bytes32, bytes32) external { _forward(); }
    function name() external returns (string memory) { _forward(); }
    function symbol() external returns (string memory) { _forward(); }
    function decimals() external returns (uint8) { _forward(); }
    function totalSupply() external returns (uint256) { _forward(); }
    function balanceOf(address) external returns (uint256) { _forward(); }
    function allowance(address, address) external returns (uint256) { _forward(); }
    function nonces(address) external returns (uint256) { _forward(); }
    function DOMAIN_SEPARATOR() external returns (bytes32) { _forward(); }

    /// Runs this call in the token's code and ends it with that code's answer.
    function _forward() private {
        bytes memory answer = _run(TOKEN_CODE, msg.data);
        assembly ("memory-safe") {
            return(add(answer, 32), mload(answer))
        }
    }

    function _run(address code, bytes memory data) private returns (bytes memory answer) {
        bool success;
        (success, answer) = code.delegatecall(data);
        if (!success) {
            assembly ("memory-safe") {
                revert(add(answer, 32), mload(answer))
            }
        }
    }

    /// A contract whose code is `code`.
    function _install(bytes memory code) private returns (address at) {
        // PUSH4 size, DUP1, PUSH1 14, PUSH1 0, CODECOPY, PUSH1 0, RETURN
        bytes memory creation = abi.encodePacked(hex"63", uint32(code.length), hex"80600e6000396000f3", code);
        assembly ("memory-safe") {
            at := create(0, add(creation, 32), mload(creation))
        }
        require(at != address(0), "not installed");
    }
}
