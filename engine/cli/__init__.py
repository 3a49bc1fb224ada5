"""The command line `rechtzeitig`: commands build acts and call services, nothing more."""
