"""`python -m api`"""

from api.main import serve

if __name__ == "__main__":
    serve()
