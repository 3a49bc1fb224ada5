"""The command line `rechtzeitig`: commands build acts and call services, nothing more."""


def main() -> None:
    """Run the command line."""
    from engine.cli.app import main as run

    run()
