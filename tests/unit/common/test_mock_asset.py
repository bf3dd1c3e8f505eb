from tests.support import deploy_asset


def test_mint__credits_receiver(payer):
    asset = deploy_asset()
    asset.mint(payer, 5)
    assert asset.balanceOf(payer) == 5
    assert asset.totalSupply() == 5
