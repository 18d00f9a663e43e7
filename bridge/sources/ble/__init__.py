"""Chest straps and other heart-rate sensors over Bluetooth LE."""
