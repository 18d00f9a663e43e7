"""Clips into the running Live Set, through our device or AbletonOSC."""
