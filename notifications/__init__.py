"""Words for people and the way to them: letters, frozen messages, channels.

This package never imports `engine`; `engine/delivery.py` hands it facts and bytes.
"""
