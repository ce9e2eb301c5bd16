"""Campaigns and their contacts: steps, staging, what the feed asks, how far each is.

Above it are `api.campaigns` and `activities.campaign_feed`. A contact's call is written by `calls`.
"""
