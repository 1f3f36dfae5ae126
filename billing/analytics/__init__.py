"""How a channel's streams went: replies, people, speed, cost and income."""
