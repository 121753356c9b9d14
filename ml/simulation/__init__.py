"""A team of annotators, replayed through the API: manage.py simulate_team."""
