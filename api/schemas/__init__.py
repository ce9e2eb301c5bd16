"""The API's own vocabulary: what requests may say and what answers look like, in camelCase."""
