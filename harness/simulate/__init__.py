"""The chain played by events, thousands of times: distributions where closed forms give intervals."""
