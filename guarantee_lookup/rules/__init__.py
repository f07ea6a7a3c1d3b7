"""空き枠, fee categories and what may be asked when: plain functions with their worked examples as tests."""
