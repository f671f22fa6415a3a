"""The one decision: may this user do this, to this table, within which limits?

    authorise    allow or refuse an action
    limits       the caps of the house and of the grant, the smaller wins

Nothing here asks a database: screens, API, command line and worker all hand over the
grant (`core.metastore.grants.grant_of`) and get the same answer.
"""
