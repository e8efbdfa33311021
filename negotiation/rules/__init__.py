"""Rules that notify: what each kind watches, when a rule fires, what it says, and when it must keep quiet. Pure.

`model` the records, `kinds` what there is to choose from, `validity` what may be saved, `template` the text, `quiet` the
hours, `conditions` what holds now, `edges` what that means after what was known. Queueing is `resolvers.rules`'s.
"""
