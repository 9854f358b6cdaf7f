using System.Text.RegularExpressions;

namespace Meshia.Sandbox.Connection;

/// <summary>More keys, each of an account with a plan of its own.</summary>
internal sealed partial class KeyEndpoints(ApiKeys keys)
{
    public void MapSandbox(IEndpointRouteBuilder sandbox)
    {
        sandbox.MapGet("/keys", () => Results.Json(new { keys = keys.All.Select(key => Show(key)) }, Wire.Json));
        sandbox.MapPost("/keys", async (HttpRequest request) =>
        {
            var body = await RequestBody.ReadAsync(request);
            var name = body.Text("account", 64);
            if (!AccountName.IsMatch(name))
                throw ApiException.Invalid("'account' must have only lower-case letters, digits and hyphens.");
            var plan = Plan.Find(body.OptionalText("plan") ?? "pro") ?? throw ApiException.Invalid("'plan' must be trial or pro.");
            var (key, text) = keys.Add(name, plan);
            return Results.Json(Show(key, text), Wire.Json, statusCode: StatusCodes.Status201Created);
        });
        sandbox.MapPost("/keys/{id}/revoke", (string id) => Results.Json(Show(keys.SetRevoked(id, true)), Wire.Json));
        sandbox.MapPost("/keys/{id}/restore", (string id) => Results.Json(Show(keys.SetRevoked(id, false)), Wire.Json));
    }

    private static object Show(ApiKey key, string? text = null) => new
    {
        key.Id,
        Account = key.Account.Name,
        Plan = key.Account.Plan.Name,
        key.CreatedAt,
        key.RevokedAt,
        Key = text,
    };

    [GeneratedRegex(@"\A[a-z0-9-]+\z")]
    private static partial Regex AccountName { get; }
}
