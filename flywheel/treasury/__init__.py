"""The DAO's money: buckets, holders' income, accepted assets."""
