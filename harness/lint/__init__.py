"""What an operator's files say before anything is started: rules, each with its code, its reason and its remedy."""
