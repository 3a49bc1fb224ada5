"""The pages of the legal office, each group of them a module that offers `pages`."""
