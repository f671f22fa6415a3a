"""REST under /api/v1: the same use cases as the screens, in the guide's JSON.

application   the FastAPI app, made of the routers below
openapi       its description, for /docs and /openapi.json
asking        who asks, and the words every route shares
failures      an error becomes {"detail", "code", "description", "solution", "job_id"}
schemas       the JSON of jobs, tables, files
values        canonical text becomes typed JSON values
export_body   the guide's export request becomes an ExportPlan
multipart     a form is read while it arrives, its file never touches the disk in plain
downloads     whole files and ranges of them

auth health tables rules uploads imports rejects fixing report exports    the routers, by noun
"""
