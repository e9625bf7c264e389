rebasis_command(merge ORDER 61 SUMMARY "join the stores of a sweep that ran in parts" LINK rebasis_dse_store)
