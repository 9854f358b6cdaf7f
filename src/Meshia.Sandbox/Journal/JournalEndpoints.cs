using System.Globalization;
using Meshia.Sandbox.Connection;

namespace Meshia.Sandbox.Journal;

internal sealed class JournalEndpoints(RequestJournal journal)
{
    public void MapSandbox(IEndpointRouteBuilder sandbox)
    {
        sandbox.MapGet("/requests", (string? method, string? path, string? after) =>
        {
            var number = 0L;
            if (after is not null && !long.TryParse(after, CultureInfo.InvariantCulture, out number))
                throw ApiException.Invalid("'after' must be the number of a request.");
            if (path is not null and not ['/' or '*', ..])
                throw ApiException.Invalid("'path' must be a path like /sessions, /sessions/{id} or /sessions/*.");
            return Results.Json(new { requests = journal.Find(method, path, number) }, Wire.Json);
        });
        sandbox.MapDelete("/requests", () =>
        {
            journal.Clear();
            return Results.NoContent();
        });
    }
}
