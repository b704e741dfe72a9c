"""A server that refuses what it gets and repeats it in its answer, as CXone and other systems do in their errors."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote


class Echo:
    """gives_tokens: it lets clients in, and refuses what they do with their token."""

    def __init__(self) -> None:
        self.gives_tokens = False
        self.heard: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, path: str, request: str) -> tuple[int, dict[str, object]]:
        self.heard.append(request)
        if path.endswith("/.well-known/openid-configuration"):
            return 200, self._provider(path.removesuffix("/.well-known/openid-configuration"))
        if self.gives_tokens and path.endswith("/token"):
            return 200, {"access_token": "a-token", "expires_in": 3600, "token_type": "Bearer"}
        words = f"This was refused: {request} {unquote(request)}"
        return 400, {"error": "invalid_request", "error_description": words, "message": words, "errorCode": words}

    def _provider(self, path: str) -> dict[str, object]:
        """As if it were one that people sign in at."""
        issuer = f"{self.address}{path}"
        endpoints = {"authorization_endpoint": "auth", "token_endpoint": "exchange", "jwks_uri": "keys"}
        return {"issuer": issuer, **{name: f"{issuer}/{end}" for name, end in endpoints.items()}}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        echo = self

        class Handler(BaseHTTPRequestHandler):
            def handle_any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode("utf-8", "replace")
                status, answer = echo.answer(self.path, f"{self.requestline} {dict(self.headers)} {body}")
                content = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any  # noqa: N815

            def log_message(self, *_: object) -> None:
                """Nothing to say."""

        return Handler
