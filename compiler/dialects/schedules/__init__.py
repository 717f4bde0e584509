"""Schedules: how a kernel is computed on a target, as frozen dataclasses that are also attributes."""
