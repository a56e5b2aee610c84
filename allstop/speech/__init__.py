"""Words to sound: what calls say, and what the console plays beforehand, by the same way and in the same voice."""
