"""The pages of compliance: whom not to call, who agreed, which rules hold, and what they say.

`dashboard.router` imports it, and `dashboard.calls` for "never call again". The do-not-call list
is in `list_routes`, registries and consents have routes of their own; `number_file` and
`import_routes` take files for all three. Rules, the account's own and waivers are in `rule_routes`,
`own_rule_routes` and `waiver_routes`; `explain_routes` asks them about a number. From here go to
`api.compliance`.
"""
