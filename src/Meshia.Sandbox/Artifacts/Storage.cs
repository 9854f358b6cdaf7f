using System.Net.Mime;
using System.Xml.Linq;
using Meshia.Sandbox.Experiments;
using Microsoft.Net.Http.Headers;

namespace Meshia.Sandbox.Artifacts;

/// <summary>[A] The other origin, on which signed addresses lead to bytes. It behaves as object stores do, and knows no API key.</summary>
internal sealed class Storage(Database database, ArtifactContent content, SignedUrl signedUrl)
{
    private static readonly PathString _folder = "/artifacts";

    public Task RespondAsync(HttpContext context) => Respond(context.Request).ExecuteAsync(context);

    private IResult Respond(HttpRequest request)
    {
        if (request.Headers.ContainsKey(HeaderNames.Authorization))
            return Error(400, "InvalidArgument", "Only one way to authenticate is allowed: the signature in the query.");
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method))
            return Error(405, "MethodNotAllowed", "The method is not allowed against this resource.");
        if (!request.Path.StartsWithSegments(_folder, out var rest) || rest.Value is not ['/', .. var id])
            return Error(404, "NoSuchKey", "The key does not exist.");

        var expires = request.Query["expires"].ToString();
        if (!signedUrl.IsGenuine(id, expires, request.Query["signature"].ToString()))
            return Error(403, "SignatureDoesNotMatch", "The signature does not match.");
        if (signedUrl.IsExpired(expires))
            return Error(403, "AccessDenied", "Request has expired.");

        using var connection = database.Open();
        if (ArtifactTable.Find(connection, id) is not { } artifact)
            return Error(404, "NoSuchKey", "The key does not exist.");
        return Results.Stream(
            content.Open(artifact, ExperimentTable.Get(connection, artifact.ExperimentId)), artifact.ContentType, artifact.Name,
            artifact.CreatedAt, new EntityTagHeaderValue($"\"{artifact.Sha256}\""), enableRangeProcessing: true);
    }

    private static IResult Error(int status, string code, string message) => Results.Content(
        $"""<?xml version="1.0" encoding="UTF-8"?>{new XElement("Error", new XElement("Code", code), new XElement("Message", message))}""",
        MediaTypeNames.Application.Xml, statusCode: status);
}
