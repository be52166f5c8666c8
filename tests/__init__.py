"""Tests that cross the apps; the tests of one app stand beside it."""
