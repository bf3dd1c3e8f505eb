"""Flywheel's Python half: what its scripts and tests share.

How money flows, and where each step lives:
`actions.funding` -> `actions.governance` -> `actions.grants` / `actions.compute`
-> `actions.models` -> `actions.licensing` -> `actions.royalties`
-> `actions.income` / `actions.campaigns`.
"""

__version__ = "0.1.0"
