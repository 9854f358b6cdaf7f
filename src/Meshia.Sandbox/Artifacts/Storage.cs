using System.Net.Mime;
using System.Xml.Linq;
using Meshia.Sandbox.Experiments;
using Meshia.Sandbox.Faults;
using Meshia.Sandbox.Time;
using Microsoft.Net.Http.Headers;

namespace Meshia.Sandbox.Artifacts;

/// <summary>[A] The other origin, on which signed addresses lead to bytes. It behaves as object stores do, and knows no API key.</summary>
internal sealed class Storage(
    Database database, ArtifactContent content, SignedUrl signedUrl, FaultBook faults, Seed seed, SandboxClock clock, TimeProvider real)
{
    private static readonly PathString _folder = "/artifacts";

    public async Task RespondAsync(HttpContext context)
    {
        var request = context.Request;
        var hits = faults.NextForRequest(FaultSubject.Storage, request.Method, request.Path);
        if (context.AskedFault(FaultSubject.Storage) is { } asked)
            hits = [.. hits, asked];
        foreach (var hit in hits)
        {
            context.NameFault(hit);
            if (hit.Effect == FaultEffect.Delay)
                await Task.Delay(TimeSpan.FromSeconds(hit.Seconds ?? 5), real, context.RequestAborted);
        }

        var outcome = hits.FirstOrDefault(hit => !hit.Effect.IsView());
        switch (outcome?.Effect)
        {
            case null:
                await Respond(request).ExecuteAsync(context);
                break;
            case FaultEffect.CutBefore:
                context.Cut();
                break;
            case FaultEffect.Status or FaultEffect.Throttle or FaultEffect.Html:
                await FaultAnswer.WriteAsync(context, outcome, clock.Now);
                break;
            case FaultEffect.IgnoreRange:
                request.Headers.Remove(HeaderNames.Range);
                await Respond(request).ExecuteAsync(context);
                break;
            default:
                await RespondFaultilyAsync(context, outcome);
                break;
        }
    }

    private async Task RespondFaultilyAsync(HttpContext context, Fault fault)
    {
        var answer = Respond(context.Request);
        if (fault.Effect == FaultEffect.Expire)
            signedUrl.Expire(context.Request.Query["signature"].ToString());
        var wire = context.Response.Body;
        await using var faulty = new FaultyBody(context, fault, fault.Seed ?? seed.Value, real);
        context.Response.Body = faulty;
        try
        {
            await answer.ExecuteAsync(context);
        }
        catch (OperationCanceledException)
        {
            // The fault has cut the connection, or the caller has gone.
        }
        finally
        {
            context.Response.Body = wire;
        }
    }

    private IResult Respond(HttpRequest request)
    {
        if (request.Headers.ContainsKey(HeaderNames.Authorization))
            return Error(400, "InvalidArgument", "Only one way to authenticate is allowed: the signature in the query.");
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method))
            return Error(405, "MethodNotAllowed", "The method is not allowed against this resource.");
        if (!request.Path.StartsWithSegments(_folder, out var rest) || rest.Value is not ['/', .. var id])
            return Error(404, "NoSuchKey", "The key does not exist.");

        var (expires, signature) = (request.Query["expires"].ToString(), request.Query["signature"].ToString());
        if (!signedUrl.IsGenuine(id, expires, signature))
            return Error(403, "SignatureDoesNotMatch", "The signature does not match.");
        if (signedUrl.IsExpired(expires, signature))
            return Error(403, "AccessDenied", "Request has expired.");

        using var connection = database.Open();
        if (ArtifactTable.Find(connection, id) is not { } artifact || ExperimentTable.Find(connection, artifact.ExperimentId) is not { } experiment)
            return Error(404, "NoSuchKey", "The key does not exist.");
        artifact = content.WithHash(artifact, experiment);
        return Results.Stream(
            content.Open(artifact, experiment), artifact.ContentType, artifact.Name,
            artifact.CreatedAt, new EntityTagHeaderValue($"\"{artifact.Sha256}\""), enableRangeProcessing: true);
    }

    private static IResult Error(int status, string code, string message) => Results.Content(
        $"""<?xml version="1.0" encoding="UTF-8"?>{new XElement("Error", new XElement("Code", code), new XElement("Message", message))}""",
        MediaTypeNames.Application.Xml, statusCode: status);
}
