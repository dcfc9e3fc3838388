"""The microservice chassis: what every service is started with, and nothing of the field."""
