"""The microservice chassis: what every service is started with. Knows no service by import."""
