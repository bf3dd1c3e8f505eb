"""What each function of the suite does, in words: one phrase per function that a vote can call.

`{name}` is an argument in its unit, `{terms.price}` a member of one; what a phrase leaves out is
listed after it, so a phrase can shorten nothing away.
"""

# Of every contract that has the function.
COMMON = {
    "transfer_ownership": "HAND OVER every governed power of {contract} to {new_owner}",
    "set_guardian": "make {new_guardian} the guardian of {contract} until {expires_at}",
    "pause": "pause new obligations of {contract}",
    "unpause": "end the pause of {contract}",
    "skim": "send all {asset} that {contract} holds beyond its books to {receiver}",
    "setApprovalForAll": "let {operator} move every {contract} token of the DAO: {approved}",
    "transferFrom": "move token {token_id} of {contract} from {owner} to {to}",
    "safeTransferFrom": "move token {token_id} of {contract} from {owner} to {to}",
    "approve": "let {to} move token {token_id} of {contract}",
}

PHRASES = {
    "Asset": {
        "transfer": "send {amount} of the Timelock's own money to {to}",
        "transferFrom": "take {amount} from {owner} and send it to {to}",
        "approve": "let {spender} take up to {amount} of the Timelock's own money",
        "permit": "let {spender} take up to {amount} of {owner} by signature",
        "mint": "mint {amount} of test money for {to}",
    },
    "Timelock": {
        "updateDelay": "let decisions wait {delay} in the Timelock",
        "grantRole": "GIVE {role} of the Timelock to {account}",
        "cancel": "cancel operation {id} in the Timelock",
    },
    "GovernanceToken": {
        "set_minter": "let {minter} mint at most {cap} in all",
        "mint": "mint {amount} for {to}",
        "transfer": "send {amount} of the Timelock's own tokens to {to}",
        "transferFrom": "take {amount} from {owner} and send them to {to}",
        "approve": "let {spender} take up to {amount} of the Timelock's own tokens",
        "permit": "let {spender} take up to {amount} of {owner} by signature, until {deadline}",
        "burn": "burn {amount} of the Timelock's own tokens",
        "burnFrom": "burn {amount} of {account}",
        "delegate": "give the votes of the Timelock's own tokens to {delegatee}",
        "delegateBySig": "give the signer's votes to {delegatee}",
        "delegate_default": "let {account} vote with its own tokens if it never delegated",
        "set_excluded": (
            "announce, for the epoch after the next, to exclude {account} from the holders' "
            "income: {excluded}"
        ),
        "apply_exclusion": "do what was announced for {account}'s part in the holders' income",
        "set_treasury": "make {new_treasury} the Treasury, whose tokens count for no quorum",
        "set_rewards": (
            "make {new_rewards} the holder of contributors' tokens, which count for no quorum"
        ),
    },
    "Governor": {
        "setVotingDelay": "let votes begin {seconds} after their proposal",
        "setVotingPeriod": "let votes last {seconds}",
        "setProposalThreshold": "ask {votes} of who wants to propose",
        "updateQuorumNumerator": "set the quorum to {numerator} of the supply",
        "set_quorum_minimum": "set the least quorum to {votes}",
        "set_guardian": "let {new_guardian} cancel proposals until {expires_at}",
        "castVote": "vote {support} on proposal {proposal_id}",
        "castVoteWithReason": "vote {support} on proposal {proposal_id}: {reason}",
        "castVoteBySig": "cast the ballot of {voter}: {support} on proposal {proposal_id}",
        "castVoteWithReasonAndParams": "vote {support} on proposal {proposal_id}: {reason}",
        "castVoteWithReasonAndParamsBySig": (
            "cast the ballot of {voter}: {support} on proposal {proposal_id}: {reason}"
        ),
        "setLateQuorumVoteExtension": "let a vote last {seconds} more after a late quorum or swing",
        "cancel_by_id": "cancel proposal {proposal_id}",
    },
    "Treasury": {
        "deposit": "pay {amount} of the Timelock's own money into {purpose}",
        "receive_income": "pay {amount} of the Timelock's own money in as income",
        "close_epoch": "split the income in {asset} of epoch {epoch}",
        "push_holders": "hand the oldest part of the holders in {asset} that waits on",
        "push_from_closing": "push {amount} of epoch {epoch}, which only the Treasury itself may",
        "pay_commitment": "pay {amount} of commitment {commitment_id} to {receiver}",
        "release_commitment": "give {amount} of commitment {commitment_id} back to its purpose",
        "commit": "commit {amount} of {purpose}, to be spent by {controller}",
        "commit_deposit": "keep {amount} of the Timelock's own money for {purpose} as a deposit",
        "commit_beyond_cap": (
            "commit {amount} of {purpose}, to be spent by {controller}, BEYOND THE CAP of ordinary "
            "votes"
        ),
        "spend": "pay {amount} of {purpose} to {receiver}",
        "spend_beyond_cap": (
            "pay {amount} of {purpose} to {receiver}, BEYOND THE CAP of ordinary votes"
        ),
        "receive_in_kind": "pay {amount} of the Timelock's own tokens in, in kind",
        "spend_in_kind": "send {amount} received in kind to {receiver}",
        "allow_wind_down": (
            "let {controller} take back ALL free {asset} of {purpose} for its contributors, now "
            "and later"
        ),
        "release_for_wind_down": "give {amount} of {purpose} back to its contributors",
        "move_free": "move {amount} from {from_purpose} to {to_purpose}",
        "accept_asset": "accept the asset {asset} from now on, for good",
        "create_purpose": "open a new purpose named {name}",
        "create_round_purpose": "open a new purpose named {name}, which only {source} fills",
        "set_committer": "let {account} commit money of the Treasury: {allowed}",
        "set_income_source": "let {account} bring model income: {allowed}",
        "set_holder_income": (
            "from the epoch after the next on pay the holders' part of the income to "
            "{new_holder_income}"
        ),
        "set_policy": (
            "split model income from the epoch after the next: {holders_bps} to holders, "
            "{grants_bps} to the next grants, the rest to the reserve"
        ),
        "set_caps": (
            "let ordinary votes within 30 days spend {spend_cap_bps} of what is free of an asset "
            "and grant {grant_cap_bps} of what a purpose has free"
        ),
        "set_holders_floor": (
            "give holders no part of an epoch as which ended the next grants had less than "
            "{holders_floor} free, from the epoch after the next on, or from the first if the "
            "asset has earned nothing yet"
        ),
    },
    "HolderIncome": {
        "claim": "pay {account} its income of {epoch_count} epochs from {first_epoch} in {asset}",
        "fund": "pay {amount} of the Timelock's own money into the pot of epoch {epoch}",
        "roll": "carry income in {asset} of epochs without holders into the next pot",
        "claim_assets": "pay {account} its income of {epoch_count} epochs from {first_epoch}",
        "claim_to": "pay {receiver} the income of {account}",
        "set_claimer": "let {new_claimer} claim the Timelock's own income",
        "recycle": "give what nobody claimed in {asset} of epoch {epoch} to the next grants",
    },
    "RoundRules": {
        "admit": "keep a place for a round of the Timelock's own",
        "begin_vesting": "count a vesting of the Timelock's own",
        "end_vesting": "end a vesting of the Timelock's own",
    },
    "Redemptions": {
        "set_governor": "make the notice of a wind-down as long as a vote of {new_governor} takes",
        "announce": (
            "ABANDON the purpose of funding round {round_id}: announce that its free money, if it "
            "is at least {min_pool}, goes back to contributors"
        ),
        "withdraw": "take back the announcement to wind funding round {round_id} down",
        "begin": "begin the wind-down of funding round {round_id}: its free money goes back",
        "top_up": "give back what came free since of funding round {round_id}",
        "collect": "bring {account} what came in later for funding round {round_id}",
        "close": "end the wind-down of funding round {round_id}: the rest goes to its purpose",
        "redeem": "burn {tokens} of the Timelock's own for at least {min_out} of round {round_id}",
        "collect_to": "pay {receiver} what came in later for {account} of round {round_id}",
        "refund_by_signature": (
            "pay the refund of {account} of funding round {round_id} to {receiver}, as it signed"
        ),
    },
    "FundingRounds": {
        "open_round": (
            "open a funding round at {terms.price} per token from {terms.starts_at} to "
            "{terms.ends_at}, for {terms.soft_goal} to {terms.hard_cap} into {terms.purpose}"
        ),
        "cancel": "cancel funding round {round_id}, whose money can then be refunded",
        "finalize": "finalize funding round {round_id}",
        "claim": "bring {account} its tokens of funding round {round_id}",
        "refund": "bring {account} its refund of funding round {round_id}",
        "release_reservation": "free the tokens reserved for funding round {round_id}",
        "cancel_unmintable": "cancel funding round {round_id}, whose tokens cannot be minted",
        "end_vesting": "let all tokens of funding round {round_id} vest now",
        "refund_to": "pay the refund of {account} of funding round {round_id} to {receiver}",
        "move_position": (
            "GIVE the position of {account} in funding round {round_id} to {new_holder}"
        ),
        "set_redemptions": "name {redemptions} as the contract that pays abandoned purposes back",
        "contribute_with_proof": (
            "pay {amount} of the Timelock's own money into funding round {round_id}"
        ),
        "claim_batch": "bring contributors of funding round {round_id} their tokens",
        "refund_batch": "bring contributors of funding round {round_id} their refunds",
        "contribute": "pay {amount} of the Timelock's own money into funding round {round_id}",
        "contribute_with_permit": (
            "pay {amount} of the Timelock's own money into funding round {round_id}"
        ),
    },
    "ComputeEscrow": {
        "set_grants": "take compute budgets from {new_grants} from now on",
        "register_offer": (
            "offer {offer.hardware} in {offer.region} at {offer.price_per_gpu_hour} per GPU-hour"
        ),
        "withdraw_offer": "withdraw compute offer {offer_id}",
        "order": (
            "lease {gpus} GPUs of offer {offer_id} from {starts_at} to {ends_at} out of grant "
            "{grant_id}, for at most {max_price} per GPU-hour"
        ),
        "draw": "draw on compute order {order_id} for {gpu_seconds} of GPU time",
        "give_notice": "stop compute order {order_id} now",
        "close_order": "close compute order {order_id}",
        "return_budget": "give what grant {grant_id} did not spend on compute back to the Treasury",
        "open_budget": "give grant {grant_id} a compute budget of {amount}",
    },
    "GrantApplications": {
        "apply": (
            "apply for a grant of the Treasury to {terms.recipient}, against a bond of {terms.bond}"
        ),
    },
    "TrainingGrants": {
        "set_governor": "make graces and reviews as long as a vote of {new_governor} takes",
        "set_review_seconds": "let holders review a submission for {new_review_seconds}",
        "set_objection_bps": "let {new_objection_bps} of all votes hold a milestone up",
        "post_bond": "pay the bond of grant {grant_id} out of the Timelock's own money",
        "submit": "submit the milestone in turn of grant {grant_id}: {evidence_uri}",
        "withdraw_submission": "take back what grant {grant_id} has under review",
        "object": "object to milestone {milestone} of grant {grant_id}",
        "escalate": (
            "hold milestone {milestone} of grant {grant_id} until a vote pays {pay_bps} of it"
        ),
        "draw": "pay what grant {grant_id} has earned to its recipient",
        "expire": "end grant {grant_id}, which is overdue",
        "move_due": (
            "move the end of milestone {milestone} of grant {grant_id} to {new_due_at}, and those "
            "after it as far"
        ),
        "propose_recipient": "propose {new_recipient} as the recipient of grant {grant_id}",
        "replace_recipient": (
            "let {new_recipient} take grant {grant_id} over 14 days from then, whether or not its "
            "recipient agrees"
        ),
        "accept_recipient": "accept to be the recipient of grant {grant_id}",
    },
    "ModelRegistry": {
        "set_grants": "ask {new_grants} about grants from now on",
        "register": "register model {model.name} of grant {model.grant_id}: {model.card_uri}",
        "commit": "announce the registration {commitment} of a model",
        "set_split": "announce another split of what model {model_id} earns",
        "refresh": "put the announced split and the present fee of model {model_id} in force",
        "set_card": "correct the card of model {model_id}: {card_uri}",
        "set_floor": "give model {model_id} at least {floor_bps} of what later descendants earn",
        "set_protocol_fee": (
            "take {new_fee_bps} of what models earn that were not registered for the DAO"
        ),
        "set_rewards": "ask {new_rewards} about datasets' campaigns from now on",
        "set_rights": "ask {new_rights} about licences from now on",
        "set_router": "ask {new_router} about royalties from now on",
        "set_contract_uri": "describe the collection at {new_uri}",
    },
    "EnergyLedger": {
        "set_sources": "let {grants} and {registry} say who may report energy",
        "report": (
            "report {data.energy_wh} and {data.emissions_grams} of subject {data.subject_id}: "
            "{data.evidence_uri}"
        ),
        "attest": "record that {attester} stands by energy report {report_id}",
        "challenge": "mark energy report {report_id} as doubted",
        "clear_challenge": "clear energy report {report_id} of doubt",
    },
    "Evaluations": {
        "add_benchmark": (
            "measure models by {benchmark.name}, from {benchmark.min_score} to "
            "{benchmark.max_score}, with task {benchmark.task_hash}; a claim counts with "
            "{benchmark.threshold} attestations"
        ),
        "set_threshold": (
            "let claims about benchmark {benchmark_id} count with {new_threshold} attestations"
        ),
        "set_evaluator": "let {account} attest claims about benchmark {benchmark_id}: {admitted}",
        "void_claim": "void claim {claim_id} for ever, reason {reason_hash}",
        "claim": (
            "claim {data.score} of benchmark {data.benchmark_id} for the weights "
            "{data.weights_digest}: {data.evidence_uri}"
        ),
        "attest": "attest claim {claim_id} ({claim_hash})",
        "attest_by_signature": "hand in the attestation of claim {claim_id} by {evaluator}",
    },
    "LicenseMarket": {
        "set_router": "pay royalties to {new_router} from now on",
        "set_enforcement": "let {new_enforcement} hold bonds and decide disputes from now on",
        "renew": "renew licence {license_id} for at most {max_cost}",
        "prepay": "pay {amount} of the Timelock's own money ahead for licence {license_id}",
        "estimate": "estimate the periods that licence {license_id} did not report",
        "set_reporter": "let {new_reporter} report for licence {license_id}",
        "open_strays": "let LicenseEnforcement take {asset} that strayed to LicenseMarket",
        "end": "end licence {license_id} at {ends_at}",
        "set_due": (
            "make period {period} of licence {license_id} owe {due}, {own_due} of it by its own "
            "report and {escrow} in escrow since {escrow_since}"
        ),
        "buy": "buy a licence under terms {terms_id}, for at most {max_cost}",
        "pay": "pay at most {max_amount} of the Timelock's own money for licence {license_id}",
        "report": "report {revenue} for period {period} of licence {license_id}",
        "report_and_pay": (
            "report {revenue} for period {period} of licence {license_id} and pay at most "
            "{max_amount}"
        ),
    },
    "LicenseCatalog": {
        "offer_terms": (
            "offer licences of model {terms.model_id}: {terms.upfront_fee} at once, "
            "{terms.share_bps} of revenue and {terms.price_per_unit} per unit, at least "
            "{terms.minimum_per_period} per {terms.period_seconds}"
        ),
        "retire_terms": "sell no more licences under terms {terms_id}",
        "record_sale": "book a licence of terms {terms_id} ({terms_hash}) sold to {licensee}",
        "note_end": "book that licence {license_id} of {market} was lost by a breach",
        "end_exclusivity": (
            "sell licences of model {model_id} again: exclusive licence {license_id} has ended"
        ),
        "set_market": "let {new_market} sell licences",
        "set_treasury": "make {new_treasury} the Treasury that is asked for accepted assets",
    },
    "LicenseEnforcement": {
        "receive_bond": "book a bond of {amount} for licence {license_id}",
        "enforce": "enforce licence {license_id} from its bond",
        "fill_bond": "fill the bond of licence {license_id} up with at most {max_amount}",
        "release_bond": "return the bond of licence {license_id}",
        "terminate": "terminate licence {license_id}",
        "surrender": "give up licence {license_id}",
        "assess": (
            "correct period {period} of licence {license_id} after an audit: {revenue} of revenue, "
            "{units} units"
        ),
        "conclude": "make the assessment of period {period} of licence {license_id} stand",
        "dispute": "dispute {amount} of period {period} of licence {license_id}",
        "decide": (
            "decide the dispute of period {period} of licence {license_id} that was opened on "
            "{opened_at}: {upheld} was owed"
        ),
        "skim_market": "send all {asset} that strayed to LicenseMarket to {receiver}",
        "expire": "end the undecided dispute of period {period} of licence {license_id}",
        "accuse": "accuse the holder of licence {license_id} of misuse, evidence {evidence_hash}",
        "answer": "answer the accusation about licence {license_id}",
        "end_for_misuse": "end licence {license_id} for misuse, evidence {evidence_hash}",
        "set_governor": "read the length of a vote from {new_governor} from now on",
        "withdraw": (
            "pay {account} what decisions gave back, or what lost bonds paid for its audits, in "
            "{asset}"
        ),
    },
    "LicenseRights": {
        "present": "use licence {license_id} for its model from now on",
        "sublicense": "give {licensee} a licence under licence {license_id}",
        "end_sublicense": "end sublicence {sublicense_id}",
        "approve_derivation": (
            "let the model of commitment {commitment} be derived from model {model_id}: {approved}"
        ),
    },
    "ProposalArchive": {
        "queue": "queue proposal {proposal_id}",
        "execute": "execute proposal {proposal_id}",
    },
    "RoyaltyRouter": {
        "set_targets": "pay the DAO's part to {treasury} and the contributors' to {rewards}",
        "set_collector": "let {account} bring royalties: {allowed}",
        "pay": "pay {amount} of the Timelock's own money for model {model_id}",
        "collect": "take {amount} for model {model_id} from {payer}",
        "settle": "share what model {model_id} has received in {asset}",
        "settle_all": "share what model {model_id} has received in every asset",
        "withdraw": "pay {account} its royalties in {asset}",
        "forward_income": "bring the Treasury its royalties in {asset}",
        "forward_campaign": "bring campaign {campaign_id} its royalties in {asset}",
    },
    "ContributorRewards": {
        "create_campaign": (
            "create a rewards campaign whose drops {publisher} proposes: {description.uri}"
        ),
        "set_publisher": "let {new_publisher} propose the drops of campaign {campaign_id}",
        "fund": "pay {amount} of the Timelock's own money into campaign {campaign_id}",
        "propose_drop": (
            "propose a drop of {drop.total} in all for campaign {campaign_id}: {drop.uri}"
        ),
        "withdraw_drop": "take pending drop {drop_id} back",
        "hold_drop": "hold pending drop {drop_id} for as long as a vote takes",
        "cancel_drop": "THROW OUT pending drop {drop_id}",
        "activate_drop": "open drop {drop_id} for its claims",
        "end_drop": "end drop {drop_id}, whose time is over",
        "claim": "pay {leaf.account} its part of drop {drop_id}",
        "claim_to": "pay {receiver} what {leaf.account} has earned in drop {drop_id}",
        "claim_batch": "pay contributors their parts of drop {drop_id}",
        "claim_range": "pay neighbours their parts of drop {drop_id}",
        "claim_drops": "pay {account} its parts of several drops",
        "close_dormant": (
            "send what dormant campaign {campaign_id} has free in {asset} to {receiver}"
        ),
        "set_governor": "make a hold as long as a vote of {new_governor} takes",
    },
}  # fmt: skip


def phrase_of(contract: str, function: str) -> str | None:
    """The phrase, or None if the function has none."""
    return PHRASES.get(contract, {}).get(function) or COMMON.get(function)
