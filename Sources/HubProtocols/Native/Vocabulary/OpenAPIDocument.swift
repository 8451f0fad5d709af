// Generated table: docs/protocol/openapi.json, as the hub serves it; a test compares the two.

/// The description of the HTTP interface.
package enum OpenAPIDocument {
    /// The document, in JSON.
    package static let text = #"""
        {
         "openapi": "3.1.0",
         "info": {
          "title": "AgentHub",
          "version": "1",
          "summary": "The hub over HTTP: publishing, looking at the log, and what operators do.",
          "description": "Errors are JSON with a code that is stable and a sentence that is not. The same codes stand in the native protocol, which docs/protocol.md describes."
         },
         "security": [
          {
           "bearer": []
          },
          {}
         ],
         "tags": [
          {
           "name": "hub"
          },
          {
           "name": "messages"
          },
          {
           "name": "sessions"
          },
          {
           "name": "topics"
          },
          {
           "name": "consumers"
          },
          {
           "name": "agents"
          },
          {
           "name": "dead letters"
          },
          {
           "name": "log"
          }
         ],
         "paths": {
          "/health": {
           "get": {
            "operationId": "health",
            "summary": "Whether the process is alive",
            "tags": [
             "hub"
            ],
            "responses": {
             "200": {
              "description": "Done.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Health"
                }
               }
              }
             },
             "503": {
              "description": "It is not, and why.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Health"
                }
               }
              }
             }
            },
            "security": []
           }
          },
          "/ready": {
           "get": {
            "operationId": "ready",
            "summary": "Whether the hub takes writes",
            "tags": [
             "hub"
            ],
            "responses": {
             "200": {
              "description": "Done.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Health"
                }
               }
              }
             },
             "503": {
              "description": "It does not, and why.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Health"
                }
               }
              }
             }
            },
            "security": []
           }
          },
          "/metrics": {
           "get": {
            "operationId": "metrics",
            "summary": "Counters and histograms for Prometheus",
            "tags": [
             "hub"
            ],
            "responses": {
             "200": {
              "description": "The text form of Prometheus, version 0.0.4.",
              "content": {
               "text/plain": {
                "schema": {
                 "type": "string"
                }
               }
              }
             },
             "400": {
              "description": "The request is not understood.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "401": {
              "description": "No or wrong credentials.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "403": {
              "description": "The credentials do not allow this.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "429": {
              "description": "A quota or a limit is reached.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "500": {
              "description": "The hub's own fault.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "503": {
              "description": "The hub takes nothing now.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             }
            }
           }
          },
          "/agents": {
           "get": {
            "operationId": "agents",
            "summary": "Agents that the hub knows, and where they are",
            "tags": [
             "agents"
            ],
            "responses": {
             "200": {
              "description": "Done.",
              "content": {
               "application/json": {
                "schema": {
                 "type": "object",
                 "required": [
                  "items"
                 ],
                 "properties": {
                  "items": {
                   "type": "array",
                   "items": {
                    "$ref": "#/components/schemas/Agent"
                   }
                  },
                  "next": {
                   "type": "string",
                   "description": "Give this as `cursor` for the page behind this one; absent on the last page."
                  }
                 }
                }
               }
              }
             },
             "400": {
              "description": "The request is not understood.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "401": {
              "description": "No or wrong credentials.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "403": {
              "description": "The credentials do not allow this.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "429": {
              "description": "A quota or a limit is reached.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "500": {
              "description": "The hub's own fault.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "503": {
              "description": "The hub takes nothing now.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             }
            },
            "parameters": [
             {
              "$ref": "#/components/parameters/cursor"
             },
             {
              "$ref": "#/components/parameters/limit"
             }
            ]
           }
          },
          "/api/hub/v1/agents": {
           "get": {
            "operationId": "listAgents",
            "summary": "The same as /agents",
            "tags": [
             "agents"
            ],
            "responses": {
             "200": {
              "description": "Done.",
              "content": {
               "application/json": {
                "schema": {
                 "type": "object",
                 "required": [
                  "items"
                 ],
                 "properties": {
                  "items": {
                   "type": "array",
                   "items": {
                    "$ref": "#/components/schemas/Agent"
                   }
                  },
                  "next": {
                   "type": "string",
                   "description": "Give this as `cursor` for the page behind this one; absent on the last page."
                  }
                 }
                }
               }
              }
             },
             "400": {
              "description": "The request is not understood.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "401": {
              "description": "No or wrong credentials.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "403": {
              "description": "The credentials do not allow this.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "429": {
              "description": "A quota or a limit is reached.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "500": {
              "description": "The hub's own fault.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "503": {
              "description": "The hub takes nothing now.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             }
            },
            "parameters": [
             {
              "$ref": "#/components/parameters/cursor"
             },
             {
              "$ref": "#/components/parameters/limit"
             }
            ]
           }
          },
          "/api/hub/v1/messages": {
           "post": {
            "operationId": "publish",
            "summary": "Publishes a frame of type message, command, response or status, as the native protocol has it; `type` may be left out for a message",
            "tags": [
             "messages"
            ],
            "responses": {
             "200": {
              "description": "It is on disk, or was before (`duplicate`).",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Receipt"
                }
               }
              }
             },
             "202": {
              "description": "It is in memory, as was asked for.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Receipt"
                }
               }
              }
             },
             "400": {
              "description": "The request is not understood.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "401": {
              "description": "No or wrong credentials.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "403": {
              "description": "The credentials do not allow this.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "404": {
              "description": "There is no such thing.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "409": {
              "description": "It contradicts what is there.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "410": {
              "description": "It has expired.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "413": {
              "description": "It is too large.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "415": {
              "description": "The body is no JSON.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "429": {
              "description": "A quota or a limit is reached.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "500": {
              "description": "The hub's own fault.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "503": {
              "description": "The hub takes nothing now.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             }
            },
            "parameters": [
             {
              "name": "X-Agent",
              "in": "header",
              "required": false,
              "schema": {
               "type": "string"
              },
              "description": "On whose behalf, where the credentials leave that open."
             }
            ],
            "requestBody": {
             "required": true,
             "content": {
              "application/json": {
               "schema": {
                "$ref": "#/components/schemas/Publication"
               }
              }
             }
            }
           }
          },
          "/api/hub/v1/messages/{offset}": {
           "get": {
            "operationId": "message",
            "summary": "A message and its life: each delivery, attempt and acknowledgement",
            "tags": [
             "messages"
            ],
            "responses": {
             "200": {
              "description": "Done.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Biography"
                }
               }
              }
             },
             "400": {
              "description": "The request is not understood.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "401": {
              "description": "No or wrong credentials.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "403": {
              "description": "The credentials do not allow this.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "404": {
              "description": "There is no such thing.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "429": {
              "description": "A quota or a limit is reached.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "500": {
              "description": "The hub's own fault.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "503": {
              "description": "The hub takes nothing now.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             }
            },
            "parameters": [
             {
              "$ref": "#/components/parameters/offset"
             }
            ]
           }
          },
          "/api/hub/v1/sessions": {
           "get": {
            "operationId": "sessions",
            "summary": "Sessions that agents opened by name",
            "tags": [
             "sessions"
            ],
            "responses": {
             "200": {
              "description": "Done.",
              "content": {
               "application/json": {
                "schema": {
                 "type": "object",
                 "required": [
                  "items"
                 ],
                 "properties": {
                  "items": {
                   "type": "array",
                   "items": {
                    "$ref": "#/components/schemas/Session"
                   }
                  },
                  "next": {
                   "type": "string",
                   "description": "Give this as `cursor` for the page behind this one; absent on the last page."
                  }
                 }
                }
               }
              }
             },
             "400": {
              "description": "The request is not understood.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "401": {
              "description": "No or wrong credentials.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "403": {
              "description": "The credentials do not allow this.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "429": {
              "description": "A quota or a limit is reached.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "500": {
              "description": "The hub's own fault.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "503": {
              "description": "The hub takes nothing now.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             }
            },
            "parameters": [
             {
              "$ref": "#/components/parameters/cursor"
             },
             {
              "$ref": "#/components/parameters/limit"
             }
            ]
           }
          },
          "/api/hub/v1/sessions/{id}": {
           "get": {
            "operationId": "session",
            "summary": "One session",
            "tags": [
             "sessions"
            ],
            "responses": {
             "200": {
              "description": "Done.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Session"
                }
               }
              }
             },
             "400": {
              "description": "The request is not understood.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "401": {
              "description": "No or wrong credentials.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "403": {
              "description": "The credentials do not allow this.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "404": {
              "description": "There is no such thing.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "429": {
              "description": "A quota or a limit is reached.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "500": {
              "description": "The hub's own fault.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "503": {
              "description": "The hub takes nothing now.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             }
            },
            "parameters": [
             {
              "$ref": "#/components/parameters/id"
             }
            ]
           }
          },
          "/api/hub/v1/sessions/{id}/messages": {
           "get": {
            "operationId": "sessionMessages",
            "summary": "Messages of a session, in order; `from` and `to` are sequence numbers",
            "tags": [
             "sessions"
            ],
            "responses": {
             "200": {
              "description": "Done.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Messages"
                }
               }
              }
             },
             "400": {
              "description": "The request is not understood.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "401": {
              "description": "No or wrong credentials.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "403": {
              "description": "The credentials do not allow this.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "404": {
              "description": "There is no such thing.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "429": {
              "description": "A quota or a limit is reached.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "500": {
              "description": "The hub's own fault.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "503": {
              "description": "The hub takes nothing now.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             }
            },
            "parameters": [
             {
              "$ref": "#/components/parameters/id"
             },
             {
              "name": "from",
              "in": "query",
              "required": false,
              "schema": {
               "type": "integer",
               "format": "int64",
               "minimum": 0
              },
              "description": "The first offset or, in a session, sequence number."
             },
             {
              "name": "to",
              "in": "query",
              "required": false,
              "schema": {
               "type": "integer",
               "format": "int64",
               "minimum": 0
              },
              "description": "The last one, included."
             },
             {
              "$ref": "#/components/parameters/limit"
             }
            ]
           }
          },
          "/api/hub/v1/topics": {
           "get": {
            "operationId": "topics",
            "summary": "Topics that anything was published to",
            "tags": [
             "topics"
            ],
            "responses": {
             "200": {
              "description": "Done.",
              "content": {
               "application/json": {
                "schema": {
                 "type": "object",
                 "required": [
                  "items"
                 ],
                 "properties": {
                  "items": {
                   "type": "array",
                   "items": {
                    "$ref": "#/components/schemas/Topic"
                   }
                  },
                  "next": {
                   "type": "string",
                   "description": "Give this as `cursor` for the page behind this one; absent on the last page."
                  }
                 }
                }
               }
              }
             },
             "400": {
              "description": "The request is not understood.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "401": {
              "description": "No or wrong credentials.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "403": {
              "description": "The credentials do not allow this.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "429": {
              "description": "A quota or a limit is reached.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "500": {
              "description": "The hub's own fault.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "503": {
              "description": "The hub takes nothing now.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             }
            },
            "parameters": [
             {
              "$ref": "#/components/parameters/cursor"
             },
             {
              "$ref": "#/components/parameters/limit"
             }
            ]
           }
          },
          "/api/hub/v1/topics/{topic}/messages": {
           "get": {
            "operationId": "topicMessages",
            "summary": "Messages of a topic, in order; `from` and `to` are offsets",
            "tags": [
             "topics"
            ],
            "responses": {
             "200": {
              "description": "Done.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Messages"
                }
               }
              }
             },
             "400": {
              "description": "The request is not understood.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "401": {
              "description": "No or wrong credentials.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "403": {
              "description": "The credentials do not allow this.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "404": {
              "description": "There is no such thing.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "429": {
              "description": "A quota or a limit is reached.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "500": {
              "description": "The hub's own fault.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "503": {
              "description": "The hub takes nothing now.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             }
            },
            "parameters": [
             {
              "$ref": "#/components/parameters/topic"
             },
             {
              "name": "from",
              "in": "query",
              "required": false,
              "schema": {
               "type": "integer",
               "format": "int64",
               "minimum": 0
              },
              "description": "The first offset or, in a session, sequence number."
             },
             {
              "name": "to",
              "in": "query",
              "required": false,
              "schema": {
               "type": "integer",
               "format": "int64",
               "minimum": 0
              },
              "description": "The last one, included."
             },
             {
              "$ref": "#/components/parameters/limit"
             }
            ]
           }
          },
          "/api/hub/v1/consumers": {
           "get": {
            "operationId": "consumers",
            "summary": "Consumers that have names",
            "tags": [
             "consumers"
            ],
            "responses": {
             "200": {
              "description": "Done.",
              "content": {
               "application/json": {
                "schema": {
                 "type": "object",
                 "required": [
                  "items"
                 ],
                 "properties": {
                  "items": {
                   "type": "array",
                   "items": {
                    "$ref": "#/components/schemas/Consumer"
                   }
                  },
                  "next": {
                   "type": "string",
                   "description": "Give this as `cursor` for the page behind this one; absent on the last page."
                  }
                 }
                }
               }
              }
             },
             "400": {
              "description": "The request is not understood.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "401": {
              "description": "No or wrong credentials.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "403": {
              "description": "The credentials do not allow this.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "429": {
              "description": "A quota or a limit is reached.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "500": {
              "description": "The hub's own fault.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "503": {
              "description": "The hub takes nothing now.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             }
            },
            "parameters": [
             {
              "$ref": "#/components/parameters/cursor"
             },
             {
              "$ref": "#/components/parameters/limit"
             }
            ]
           }
          },
          "/api/hub/v1/consumers/{name}": {
           "get": {
            "operationId": "consumer",
            "summary": "One consumer",
            "tags": [
             "consumers"
            ],
            "responses": {
             "200": {
              "description": "Done.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Consumer"
                }
               }
              }
             },
             "400": {
              "description": "The request is not understood.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "401": {
              "description": "No or wrong credentials.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "403": {
              "description": "The credentials do not allow this.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "404": {
              "description": "There is no such thing.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "429": {
              "description": "A quota or a limit is reached.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "500": {
              "description": "The hub's own fault.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "503": {
              "description": "The hub takes nothing now.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             }
            },
            "parameters": [
             {
              "$ref": "#/components/parameters/name"
             }
            ]
           },
           "patch": {
            "operationId": "changeConsumer",
            "summary": "Moves, pauses or resumes a consumer",
            "tags": [
             "consumers"
            ],
            "responses": {
             "200": {
              "description": "Done.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Consumer"
                }
               }
              }
             },
             "400": {
              "description": "The request is not understood.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "401": {
              "description": "No or wrong credentials.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "403": {
              "description": "The credentials do not allow this.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "404": {
              "description": "There is no such thing.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "409": {
              "description": "It contradicts what is there.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "413": {
              "description": "It is too large.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "415": {
              "description": "The body is no JSON.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "429": {
              "description": "A quota or a limit is reached.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "500": {
              "description": "The hub's own fault.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "503": {
              "description": "The hub takes nothing now.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             }
            },
            "parameters": [
             {
              "$ref": "#/components/parameters/name"
             }
            ],
            "requestBody": {
             "required": true,
             "content": {
              "application/json": {
               "schema": {
                "$ref": "#/components/schemas/ConsumerChange"
               }
              }
             }
            }
           },
           "delete": {
            "operationId": "deleteConsumer",
            "summary": "Deletes a consumer; what it had not settled is nobody's business any more",
            "tags": [
             "consumers"
            ],
            "responses": {
             "204": {
              "description": "It is no more."
             },
             "400": {
              "description": "The request is not understood.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "401": {
              "description": "No or wrong credentials.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "403": {
              "description": "The credentials do not allow this.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "404": {
              "description": "There is no such thing.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "429": {
              "description": "A quota or a limit is reached.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "500": {
              "description": "The hub's own fault.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "503": {
              "description": "The hub takes nothing now.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             }
            },
            "parameters": [
             {
              "$ref": "#/components/parameters/name"
             }
            ]
           }
          },
          "/api/hub/v1/dead-letters": {
           "get": {
            "operationId": "deadLetters",
            "summary": "Dead letters that nobody has dealt with",
            "tags": [
             "dead letters"
            ],
            "responses": {
             "200": {
              "description": "Done.",
              "content": {
               "application/json": {
                "schema": {
                 "type": "object",
                 "required": [
                  "items"
                 ],
                 "properties": {
                  "items": {
                   "type": "array",
                   "items": {
                    "$ref": "#/components/schemas/DeadLetter"
                   }
                  },
                  "next": {
                   "type": "string",
                   "description": "Give this as `cursor` for the page behind this one; absent on the last page."
                  }
                 }
                }
               }
              }
             },
             "400": {
              "description": "The request is not understood.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "401": {
              "description": "No or wrong credentials.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "403": {
              "description": "The credentials do not allow this.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "404": {
              "description": "There is no such thing.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "429": {
              "description": "A quota or a limit is reached.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "500": {
              "description": "The hub's own fault.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "503": {
              "description": "The hub takes nothing now.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             }
            },
            "parameters": [
             {
              "name": "consumer",
              "in": "query",
              "required": false,
              "schema": {
               "type": "string",
               "minLength": 1,
               "maxLength": 128
              },
              "description": "Of this consumer only."
             },
             {
              "$ref": "#/components/parameters/cursor"
             },
             {
              "$ref": "#/components/parameters/limit"
             }
            ]
           }
          },
          "/api/hub/v1/dead-letters/{offset}": {
           "get": {
            "operationId": "deadLetter",
            "summary": "One dead letter",
            "tags": [
             "dead letters"
            ],
            "responses": {
             "200": {
              "description": "Done.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/DeadLetter"
                }
               }
              }
             },
             "400": {
              "description": "The request is not understood.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "401": {
              "description": "No or wrong credentials.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "403": {
              "description": "The credentials do not allow this.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "404": {
              "description": "There is no such thing.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "429": {
              "description": "A quota or a limit is reached.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "500": {
              "description": "The hub's own fault.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "503": {
              "description": "The hub takes nothing now.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             }
            },
            "parameters": [
             {
              "$ref": "#/components/parameters/offset"
             }
            ]
           },
           "post": {
            "operationId": "redrive",
            "summary": "Brings a dead letter back, to be delivered as if for the first time",
            "tags": [
             "dead letters"
            ],
            "responses": {
             "202": {
              "description": "It is owed to its consumer again.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/DeadLetter"
                }
               }
              }
             },
             "400": {
              "description": "The request is not understood.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "401": {
              "description": "No or wrong credentials.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "403": {
              "description": "The credentials do not allow this.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "404": {
              "description": "There is no such thing.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "409": {
              "description": "It contradicts what is there.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "413": {
              "description": "It is too large.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "429": {
              "description": "A quota or a limit is reached.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "500": {
              "description": "The hub's own fault.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "503": {
              "description": "The hub takes nothing now.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             }
            },
            "parameters": [
             {
              "$ref": "#/components/parameters/offset"
             }
            ]
           },
           "delete": {
            "operationId": "drop",
            "summary": "Drops a dead letter",
            "tags": [
             "dead letters"
            ],
            "responses": {
             "204": {
              "description": "It is no more."
             },
             "400": {
              "description": "The request is not understood.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "401": {
              "description": "No or wrong credentials.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "403": {
              "description": "The credentials do not allow this.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "404": {
              "description": "There is no such thing.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "409": {
              "description": "It contradicts what is there.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "429": {
              "description": "A quota or a limit is reached.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "500": {
              "description": "The hub's own fault.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "503": {
              "description": "The hub takes nothing now.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             }
            },
            "parameters": [
             {
              "$ref": "#/components/parameters/offset"
             }
            ]
           }
          },
          "/api/hub/v1/state": {
           "get": {
            "operationId": "state",
            "summary": "What the log says of the hub at an offset: agents, sessions, consumers and what each had not settled",
            "tags": [
             "log"
            ],
            "responses": {
             "200": {
              "description": "Done.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/State"
                }
               }
              }
             },
             "400": {
              "description": "The request is not understood.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "401": {
              "description": "No or wrong credentials.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "403": {
              "description": "The credentials do not allow this.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "404": {
              "description": "There is no such thing.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "429": {
              "description": "A quota or a limit is reached.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "500": {
              "description": "The hub's own fault.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "503": {
              "description": "The hub takes nothing now.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             }
            },
            "parameters": [
             {
              "name": "at",
              "in": "query",
              "required": false,
              "schema": {
               "type": "integer",
               "format": "int64",
               "minimum": 0
              },
              "description": "The offset before which everything is accounted for; now, if it is left out."
             }
            ]
           }
          },
          "/api/hub/v1/events": {
           "get": {
            "operationId": "events",
            "summary": "Messages as they are committed, as server-sent events; `id` of an event is the offset, its data the delivery as the native protocol has it",
            "tags": [
             "log"
            ],
            "responses": {
             "200": {
              "description": "A stream that ends when either side closes it.",
              "content": {
               "text/event-stream": {
                "schema": {
                 "type": "string"
                }
               }
              }
             },
             "400": {
              "description": "The request is not understood.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "401": {
              "description": "No or wrong credentials.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "403": {
              "description": "The credentials do not allow this.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "429": {
              "description": "A quota or a limit is reached.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "500": {
              "description": "The hub's own fault.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             },
             "503": {
              "description": "The hub takes nothing now.",
              "content": {
               "application/json": {
                "schema": {
                 "$ref": "#/components/schemas/Error"
                }
               }
              }
             }
            },
            "parameters": [
             {
              "name": "topic",
              "in": "query",
              "required": false,
              "schema": {
               "type": "string",
               "minLength": 1,
               "maxLength": 255
              },
              "description": "Topics that match this pattern."
             },
             {
              "name": "session",
              "in": "query",
              "required": false,
              "schema": {
               "type": "string",
               "minLength": 1,
               "maxLength": 504
              },
              "description": "Of this session."
             },
             {
              "name": "agent",
              "in": "query",
              "required": false,
              "schema": {
               "type": "string",
               "minLength": 1,
               "maxLength": 250
              },
              "description": "From or to this agent."
             },
             {
              "name": "from",
              "in": "query",
              "required": false,
              "schema": {
               "type": "integer",
               "format": "int64",
               "minimum": 0
              },
              "description": "Begins at this offset; at what comes next, if it is left out."
             },
             {
              "name": "Last-Event-ID",
              "in": "header",
              "required": false,
              "schema": {
               "type": "string",
               "pattern": "^[0-9]+$"
              },
              "description": "Goes on behind this offset; wins over `from`."
             }
            ]
           }
          },
          "/api/hub/v1/openapi.json": {
           "get": {
            "operationId": "openapi",
            "summary": "This description",
            "tags": [
             "hub"
            ],
            "responses": {
             "200": {
              "description": "Done.",
              "content": {
               "application/json": {
                "schema": {
                 "type": "object"
                }
               }
              }
             }
            },
            "security": []
           }
          }
         },
         "components": {
          "securitySchemes": {
           "bearer": {
            "type": "http",
            "scheme": "bearer",
            "description": "A token of the hub's or a JWT. On loopback without configured credentials none is needed."
           }
          },
          "parameters": {
           "offset": {
            "name": "offset",
            "in": "path",
            "required": true,
            "schema": {
             "type": "integer",
             "format": "int64",
             "minimum": 0
            },
            "description": "A place in the log."
           },
           "id": {
            "name": "id",
            "in": "path",
            "required": true,
            "schema": {
             "type": "string",
             "minLength": 1,
             "maxLength": 504
            },
            "description": "The session's id."
           },
           "name": {
            "name": "name",
            "in": "path",
            "required": true,
            "schema": {
             "type": "string",
             "minLength": 1,
             "maxLength": 128
            },
            "description": "The consumer's name."
           },
           "topic": {
            "name": "topic",
            "in": "path",
            "required": true,
            "schema": {
             "type": "string",
             "minLength": 1,
             "maxLength": 255
            },
            "description": "The topic."
           },
           "cursor": {
            "name": "cursor",
            "in": "query",
            "required": false,
            "schema": {
             "type": "string",
             "maxLength": 1024
            },
            "description": "`next` of the page before."
           },
           "limit": {
            "name": "limit",
            "in": "query",
            "required": false,
            "schema": {
             "type": "integer",
             "minimum": 1,
             "maximum": 1000,
             "default": 100
            },
            "description": "Items at the most."
           }
          },
          "schemas": {
           "Error": {
            "type": "object",
            "required": [
             "error"
            ],
            "properties": {
             "error": {
              "type": "object",
              "required": [
               "status",
               "code",
               "message"
              ],
              "properties": {
               "status": {
                "type": "integer"
               },
               "code": {
                "type": "string",
                "enum": [
                 "bad_json",
                 "unknown_type",
                 "missing_field",
                 "bad_field",
                 "bad_topic",
                 "bad_name",
                 "too_large",
                 "unauthorized",
                 "forbidden",
                 "unknown_agent",
                 "unknown_session",
                 "unknown_consumer",
                 "unknown_message",
                 "rate_limited",
                 "limit_reached",
                 "session_closed",
                 "expired",
                 "timeout",
                 "storage_unavailable",
                 "draining",
                 "replaced",
                 "conflict",
                 "internal_error"
                ]
               },
               "message": {
                "type": "string"
               },
               "details": true,
               "retry_after_ms": {
                "type": "integer",
                "format": "int64",
                "minimum": 0
               }
              }
             }
            }
           },
           "Health": {
            "type": "object",
            "required": [
             "status",
             "phase",
             "storage",
             "disk",
             "reasons"
            ],
            "properties": {
             "status": {
              "type": "string",
              "enum": [
               "ok",
               "failing",
               "ready",
               "not_ready"
              ]
             },
             "phase": {
              "type": "string",
              "enum": [
               "starting",
               "recovering",
               "serving",
               "draining"
              ]
             },
             "recovered_records": {
              "type": "integer",
              "format": "int64",
              "minimum": 0
             },
             "records_to_recover": {
              "type": "integer",
              "format": "int64",
              "minimum": 0
             },
             "connections_left": {
              "type": "integer",
              "format": "int64",
              "minimum": 0
             },
             "storage": {
              "type": "string",
              "enum": [
               "ok",
               "failing"
              ]
             },
             "disk": {
              "type": "string",
              "enum": [
               "ok",
               "low",
               "full"
              ]
             },
             "reasons": {
              "type": "array",
              "items": {
               "type": "string"
              },
              "description": "Sentences that say why it is not as it should be."
             }
            }
           },
           "Publication": {
            "type": "object",
            "description": "As in agent-to-hub.schema.json; without `type` it is a message.",
            "properties": {
             "type": {
              "type": "string",
              "enum": [
               "message",
               "command",
               "response",
               "status"
              ],
              "default": "message"
             },
             "id": {
              "type": "string",
              "minLength": 1,
              "maxLength": 255
             },
             "topic": {
              "type": "string",
              "minLength": 1,
              "maxLength": 255
             },
             "to": {
              "type": "string",
              "minLength": 1,
              "maxLength": 250
             },
             "session": {
              "type": "string",
              "minLength": 1,
              "maxLength": 504
             },
             "data": true,
             "ttl_ms": {
              "type": "integer",
              "minimum": 1,
              "maximum": 315360000000
             },
             "timeout_ms": {
              "type": "integer",
              "minimum": 1,
              "maximum": 3600000
             },
             "retain": {
              "type": "boolean"
             },
             "durability": {
              "type": "string",
              "enum": [
               "fsynced",
               "memory",
               "replicated"
              ]
             },
             "command_id": {
              "type": "string",
              "minLength": 1,
              "maxLength": 255
             },
             "cause": {
              "type": "string"
             },
             "traceparent": {
              "type": "string"
             }
            }
           },
           "Receipt": {
            "type": "object",
            "required": [
             "type",
             "offset",
             "durability"
            ],
            "properties": {
             "type": {
              "const": "receipt"
             },
             "re": {
              "type": "string"
             },
             "session": {
              "type": "string"
             },
             "seq": {
              "type": "integer",
              "format": "int64",
              "minimum": 0
             },
             "offset": {
              "type": "integer",
              "format": "int64",
              "minimum": 0
             },
             "durability": {
              "type": "string",
              "enum": [
               "fsynced",
               "memory",
               "replicated"
              ]
             },
             "duplicate": {
              "type": "boolean"
             },
             "away": {
              "type": "boolean"
             }
            }
           },
           "Delivery": {
            "type": "object",
            "description": "As in hub-to-agent.schema.json.",
            "required": [
             "type",
             "offset",
             "timestamp"
            ],
            "properties": {
             "type": {
              "type": "string"
             },
             "id": {
              "type": "string"
             },
             "from": {
              "type": "string"
             },
             "to": {
              "type": "string"
             },
             "topic": {
              "type": "string"
             },
             "session": {
              "type": "string"
             },
             "seq": {
              "type": "integer",
              "format": "int64",
              "minimum": 0
             },
             "offset": {
              "type": "integer",
              "format": "int64",
              "minimum": 0
             },
             "timestamp": {
              "type": "string",
              "format": "date-time"
             },
             "expires": {
              "type": "string",
              "format": "date-time"
             },
             "command_id": {
              "type": "string"
             },
             "cause": {
              "type": "string"
             },
             "traceparent": {
              "type": "string"
             },
             "retain": {
              "type": "boolean"
             },
             "late": {
              "type": "boolean"
             },
             "failure": {
              "type": "string"
             },
             "data": true,
             "data_base64": {
              "type": "string"
             }
            }
           },
           "Gap": {
            "type": "object",
            "required": [
             "from",
             "to",
             "reason"
            ],
            "properties": {
             "from": {
              "type": "integer",
              "format": "int64",
              "minimum": 0
             },
             "to": {
              "type": "integer",
              "format": "int64",
              "minimum": 0
             },
             "reason": {
              "type": "string",
              "enum": [
               "retention",
               "damaged",
               "expired",
               "epoch"
              ]
             }
            }
           },
           "Messages": {
            "type": "object",
            "required": [
             "items"
            ],
            "properties": {
             "items": {
              "type": "array",
              "items": {
               "$ref": "#/components/schemas/Delivery"
              }
             },
             "gaps": {
              "type": "array",
              "items": {
               "$ref": "#/components/schemas/Gap"
              },
              "description": "What was asked for and is not there."
             },
             "next": {
              "type": "integer",
              "format": "int64",
              "description": "Give this as `from` for the page behind this one; absent on the last page."
             }
            }
           },
           "Agent": {
            "type": "object",
            "required": [
             "agent",
             "state"
            ],
            "properties": {
             "agent": {
              "type": "string"
             },
             "state": {
              "type": "string",
              "enum": [
               "unknown",
               "online",
               "silent",
               "offline"
              ]
             },
             "since": {
              "type": "string",
              "format": "date-time"
             },
             "status": true
            }
           },
           "Session": {
            "type": "object",
            "required": [
             "id",
             "phase"
            ],
            "properties": {
             "id": {
              "type": "string"
             },
             "phase": {
              "type": "string",
              "enum": [
               "proposed",
               "accepted",
               "rejected",
               "closed"
              ]
             },
             "opener": {
              "type": "string"
             },
             "partner": {
              "type": "string"
             },
             "since": {
              "type": "string",
              "format": "date-time"
             },
             "messages": {
              "type": "integer",
              "format": "int64",
              "minimum": 0
             },
             "last_seq": {
              "type": "integer",
              "format": "int64",
              "minimum": 0
             }
            }
           },
           "Topic": {
            "type": "object",
            "required": [
             "topic"
            ],
            "properties": {
             "topic": {
              "type": "string"
             },
             "last_offset": {
              "type": "integer",
              "format": "int64",
              "minimum": 0
             },
             "retained_offset": {
              "type": "integer",
              "format": "int64",
              "minimum": 0
             }
            }
           },
           "Consumer": {
            "type": "object",
            "required": [
             "name",
             "state",
             "position"
            ],
            "properties": {
             "name": {
              "type": "string"
             },
             "topics": {
              "type": "array",
              "items": {
               "type": "string"
              }
             },
             "inbox": {
              "type": "string"
             },
             "state": {
              "type": "string",
              "enum": [
               "live",
               "catching_up",
               "idle",
               "paused"
              ]
             },
             "position": {
              "type": "integer",
              "format": "int64",
              "minimum": 0
             },
             "pending": {
              "type": "integer",
              "format": "int64",
              "minimum": 0
             },
             "in_flight": {
              "type": "integer",
              "format": "int64",
              "minimum": 0
             },
             "dead_letters": {
              "type": "integer",
              "format": "int64",
              "minimum": 0
             },
             "members": {
              "type": "array",
              "items": {
               "type": "string"
              }
             },
             "settings": {
              "$ref": "#/components/schemas/ConsumerSettings"
             }
            }
           },
           "ConsumerSettings": {
            "type": "object",
            "required": [
             "ack"
            ],
            "properties": {
             "ack": {
              "type": "string",
              "enum": [
               "explicit",
               "auto"
              ]
             },
             "group": {
              "type": "boolean"
             },
             "sticky": {
              "type": "boolean"
             },
             "max_in_flight": {
              "type": "integer",
              "format": "int64",
              "minimum": 0
             },
             "ack_wait_ms": {
              "type": "integer",
              "format": "int64",
              "minimum": 0
             },
             "max_deliver": {
              "type": "integer",
              "format": "int64",
              "minimum": 0
             },
             "backoff": {
              "type": "object",
              "properties": {
               "initial_ms": {
                "type": "integer",
                "format": "int64",
                "minimum": 0
               },
               "factor": {
                "type": "number"
               },
               "max_ms": {
                "type": "integer",
                "format": "int64",
                "minimum": 0
               },
               "jitter_percent": {
                "type": "integer",
                "format": "int64",
                "minimum": 0
               }
              }
             }
            }
           },
           "ConsumerChange": {
            "type": "object",
            "description": "One of the two, or both: then it is moved first.",
            "minProperties": 1,
            "additionalProperties": false,
            "properties": {
             "position": {
              "oneOf": [
               {
                "type": "integer",
                "format": "int64",
                "minimum": 0
               },
               {
                "type": "string",
                "enum": [
                 "new",
                 "all"
                ]
               }
              ],
              "description": "The offset to go on from."
             },
             "paused": {
              "type": "boolean"
             }
            }
           },
           "DeadLetter": {
            "type": "object",
            "required": [
             "offset",
             "message",
             "consumer",
             "reason",
             "attempts"
            ],
            "properties": {
             "offset": {
              "type": "integer",
              "format": "int64",
              "minimum": 0
             },
             "message": {
              "type": "integer",
              "format": "int64",
              "minimum": 0
             },
             "consumer": {
              "type": "string"
             },
             "reason": {
              "type": "string",
              "enum": [
               "attempts",
               "terminated",
               "expired"
              ]
             },
             "attempts": {
              "type": "integer",
              "format": "int64",
              "minimum": 0
             },
             "remark": {
              "type": "string"
             },
             "taken": {
              "type": "string",
              "format": "date-time"
             },
             "last_delivered": {
              "type": "string",
              "format": "date-time"
             },
             "delivery": {
              "$ref": "#/components/schemas/Delivery"
             }
            }
           },
           "Biography": {
            "type": "object",
            "required": [
             "message",
             "life"
            ],
            "properties": {
             "message": {
              "$ref": "#/components/schemas/Delivery"
             },
             "life": {
              "type": "array",
              "items": {
               "type": "object",
               "required": [
                "at",
                "time",
                "event"
               ],
               "properties": {
                "at": {
                 "type": "integer",
                 "format": "int64",
                 "minimum": 0
                },
                "time": {
                 "type": "string",
                 "format": "date-time"
                },
                "event": {
                 "type": "string",
                 "enum": [
                  "taken",
                  "delivered",
                  "held",
                  "released",
                  "acknowledged",
                  "refused",
                  "extended",
                  "returned",
                  "given_up",
                  "dead_letter",
                  "redriven",
                  "dropped",
                  "forgotten",
                  "answered"
                 ]
                },
                "consumer": {
                 "type": "string"
                },
                "attempt": {
                 "type": "integer",
                 "format": "int64",
                 "minimum": 0
                },
                "delay_ms": {
                 "type": "integer",
                 "format": "int64",
                 "minimum": 0
                },
                "reason": {
                 "type": "string"
                },
                "answer": {
                 "type": "integer",
                 "format": "int64",
                 "minimum": 0
                }
               }
              }
             },
             "holders": {
              "type": "array",
              "items": {
               "type": "string"
              }
             }
            }
           },
           "State": {
            "type": "object",
            "required": [
             "applied_to",
             "agents",
             "sessions",
             "consumers"
            ],
            "properties": {
             "applied_to": {
              "type": "integer",
              "format": "int64",
              "minimum": 0
             },
             "time": {
              "type": "string",
              "format": "date-time"
             },
             "agents": {
              "type": "array",
              "items": {
               "$ref": "#/components/schemas/Agent"
              }
             },
             "sessions": {
              "type": "array",
              "items": {
               "$ref": "#/components/schemas/Session"
              }
             },
             "pauses": {
              "type": "array",
              "items": {
               "type": "object",
               "required": [
                "session",
                "agent",
                "scope"
               ],
               "properties": {
                "session": {
                 "type": "string"
                },
                "agent": {
                 "type": "string"
                },
                "scope": {
                 "type": "string",
                 "enum": [
                  "all",
                  "work"
                 ]
                }
               }
              }
             },
             "consumers": {
              "type": "array",
              "items": {
               "$ref": "#/components/schemas/PastConsumer"
              }
             },
             "commands": {
              "type": "array",
              "items": {
               "type": "object",
               "required": [
                "offset",
                "id",
                "sender",
                "destination",
                "deadline"
               ],
               "properties": {
                "offset": {
                 "type": "integer",
                 "format": "int64",
                 "minimum": 0
                },
                "id": {
                 "type": "string"
                },
                "sender": {
                 "type": "string"
                },
                "destination": {
                 "type": "string"
                },
                "deadline": {
                 "type": "string",
                 "format": "date-time"
                }
               }
              }
             },
             "retained": {
              "type": "array",
              "items": {
               "type": "object",
               "required": [
                "topic",
                "offset"
               ],
               "properties": {
                "topic": {
                 "type": "string"
                },
                "offset": {
                 "type": "integer",
                 "format": "int64",
                 "minimum": 0
                }
               }
              }
             }
            }
           },
           "PastConsumer": {
            "type": "object",
            "required": [
             "name",
             "position",
             "unsettled"
            ],
            "properties": {
             "name": {
              "type": "string"
             },
             "topics": {
              "type": "array",
              "items": {
               "type": "string"
              }
             },
             "inbox": {
              "type": "string"
             },
             "position": {
              "type": "integer",
              "format": "int64",
              "minimum": 0
             },
             "paused": {
              "type": "boolean"
             },
             "settings": {
              "$ref": "#/components/schemas/ConsumerSettings"
             },
             "unsettled": {
              "type": "array",
              "items": {
               "type": "object",
               "required": [
                "offset",
                "attempts",
                "standing"
               ],
               "properties": {
                "offset": {
                 "type": "integer",
                 "format": "int64",
                 "minimum": 0
                },
                "attempts": {
                 "type": "integer",
                 "format": "int64",
                 "minimum": 0
                },
                "since": {
                 "type": "string",
                 "format": "date-time"
                },
                "standing": {
                 "type": "string",
                 "enum": [
                  "leased",
                  "waiting",
                  "given_up",
                  "owed",
                  "held"
                 ]
                }
               }
              }
             },
             "dead_letters": {
              "type": "array",
              "items": {
               "type": "integer",
               "format": "int64",
               "minimum": 0
              }
             }
            }
           }
          }
         }
        }

        """#
}
