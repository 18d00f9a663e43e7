"""Beats to judged intervals (Lipponen and Tarvainen 2019): online and over whole recordings."""
