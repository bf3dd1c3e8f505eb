// SPDX-License-Identifier: AGPL-3.0-only
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Burnable} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {ERC20Votes} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Votes.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";

/// OpenZeppelin's votes token on the clock of ours. Anybody mints: who may is no part of OpenZeppelin's token.
contract PeerToken is ERC20, ERC20Permit, ERC20Burnable, ERC20Votes {
    /// Zero leaves OpenZeppelin's limit.
    uint256 private immutable MAX_SUPPLY;

    constructor(string memory name_, string memory symbol_, uint256 maxSupply)
        ERC20(name_, symbol_)
        ERC20Permit(name_)
    {
        MAX_SUPPLY = maxSupply;
    }

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function clock() public view override returns (uint48) {
        return uint48(block.timestamp);
    }

    function CLOCK_MODE() public pure override returns (string memory) {
        return "mode=timestamp";
    }

    function nonces(address owner) public view override(ERC20Permit, Nonces) returns (uint256) {
        return super.nonces(owner);
    }

    function _maxSupply() internal view override returns (uint256) {
        return MAX_SUPPLY == 0 ? super._maxSupply() : MAX_SUPPLY;
    }

    function _update(address from, address to, uint256 value) internal override(ERC20, ERC20Votes) {
        super._update(from, to, value);
    }
}
