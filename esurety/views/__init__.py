"""Pages below /surety/ and /verify/."""
