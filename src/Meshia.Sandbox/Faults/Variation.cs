using System.Globalization;
using System.Net.Mime;
using System.Text;
using System.Text.Json.Nodes;

namespace Meshia.Sandbox.Faults;

/// <summary>Gives an answer another of the forms that the contract assumes ([A]). The seed and the number of the match choose.</summary>
internal static class Variation
{
    private static readonly string[] _lists = ["sessions", "experiments", "artifacts", "webhooks"];
    private static readonly string[] _times = ["created_at", "started_at", "stopped_at", "completed_at", "expires_at", "stops_at"];

    public static byte[] Of(HttpContext context, byte[] body, Fault fault, long seed)
    {
        var choice = new Choice(fault, seed);
        var response = context.Response;
        JsonNode? root = null;
        if (body.Length > 0 && response.ContentType?.StartsWith(MediaTypeNames.Application.Json, StringComparison.Ordinal) == true)
            root = JsonNode.Parse(body);
        if (response.StatusCode >= 400)
            return Error(response, root, choice);
        if (root is not JsonObject answer)
            return body;

        if (context.Request.Path.Value!.EndsWith("/stop", StringComparison.Ordinal) && choice.Of("stop", 4) is > 0 and var stop)
        {
            // An empty 200, 202 or 204.
            response.StatusCode = stop switch { 1 => StatusCodes.Status200OK, 2 => StatusCodes.Status202Accepted, _ => StatusCodes.Status204NoContent };
            response.ContentType = null;
            response.ContentLength = null;
            return [];
        }

        if (answer["url"] is { } url && answer.ContainsKey("expires_at"))
            return SignedUrl(response, answer, url.GetValue<string>(), choice);
        Rename(answer, choice);
        return Bytes(Wrap(answer, choice));
    }

    private static JsonNode Wrap(JsonObject answer, Choice choice)
    {
        if (_lists.FirstOrDefault(answer.ContainsKey) is { } name && !answer.ContainsKey("id") && !answer.ContainsKey("config_diffs"))
        {
            var items = answer[name]!.DeepClone();
            var wraps = answer.ContainsKey("next_cursor") ? 3 : 4;
            var key = choice.Of("list", wraps) switch { 0 => name, 1 => "data", 2 => "items", _ => null };
            if (key is null)
                return items;
            answer.Remove(name);
            answer.Insert(0, key, items);
            return answer;
        }

        if (answer["id"]?.GetValue<string>() is { } id && id.StartsWith("sess_", StringComparison.Ordinal) && choice.Of("wrap", 2) == 1)
            return new JsonObject { ["session"] = answer.DeepClone() };
        return answer;
    }

    /// <summary>Times, names and unknown fields, all through the answer.</summary>
    private static void Rename(JsonNode? node, Choice choice)
    {
        switch (node)
        {
            case JsonArray items:
                foreach (var item in items)
                    Rename(item, choice);
                break;
            case JsonObject members:
                foreach (var name in _times.Where(name => members[name] is JsonValue))
                    members[name] = Time(members[name]!.GetValue<string>(), choice);
                if (members.ContainsKey("duration_seconds") && choice.Of("duration", 2) == 1)
                {
                    var duration = members["duration_seconds"]?.DeepClone();
                    members.Remove("duration_seconds");
                    members["duration"] = duration;
                }

                if (members.ContainsKey("config_diffs"))
                    RenameComparison(members, choice);
                if (members["artifacts"] is JsonArray artifacts && members.ContainsKey("config") && choice.Of("artifacts", 2) == 1)
                    members["artifacts"] = new JsonArray([.. artifacts.Select(artifact => artifact!["id"]!.DeepClone())]);
                if (members.ContainsKey("sha256") && choice.Of("sha256", 2) == 1)
                    members.Remove("sha256");
                if (members.ContainsKey("id") && choice.Of("unknown", 2) == 1)
                    members["region"] = "eu-1";
                foreach (var name in _lists.Where(members.ContainsKey).ToList())
                    Rename(members[name], choice);
                break;
        }
    }

    private static void RenameComparison(JsonObject answer, Choice choice)
    {
        var form = choice.Of("comparison", 3);
        if (form == 0)
            return;
        var (diffs, metrics) = (answer["config_diffs"]!.AsArray(), answer["metric_summaries"]!.AsArray());
        answer.Remove("config_diffs");
        answer.Remove("metric_summaries");
        if (form == 1)
        {
            answer["config_diff"] = diffs.DeepClone();
            answer["metrics"] = metrics.DeepClone();
        }
        else
        {
            answer["config_diff"] = Keyed(diffs, "key");
            answer["metrics"] = Keyed(metrics, "metric");
        }
    }

    private static JsonObject Keyed(JsonArray items, string key)
    {
        var members = new JsonObject();
        foreach (var item in items)
        {
            var value = item!.DeepClone().AsObject();
            value.Remove(key);
            members[item[key]!.GetValue<string>()] = value;
        }

        return members;
    }

    private static JsonValue Time(string text, Choice choice)
    {
        var time = DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
        return choice.Of("time", 4) switch
        {
            1 => JsonValue.Create(time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)),
            2 => JsonValue.Create(time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'+00:00'", CultureInfo.InvariantCulture)),
            3 => JsonValue.Create(time.ToUnixTimeMilliseconds() / 1000.0),
            _ => JsonValue.Create(text),
        };
    }

    private static byte[] SignedUrl(HttpResponse response, JsonObject answer, string url, Choice choice)
    {
        switch (choice.Of("url", 8))
        {
            case 1:
                return Bytes(new JsonObject { ["download_url"] = url, ["expires_at"] = answer["expires_at"]?.DeepClone() });
            case 2:
                return Bytes(new JsonObject { ["signed_url"] = url });
            case 3:
                return Bytes(JsonValue.Create(url));
            case 4:
                response.ContentType = MediaTypeNames.Text.Plain;
                return Encoding.UTF8.GetBytes(url);
            case >= 5 and var form:
                response.StatusCode = form switch { 5 => StatusCodes.Status302Found, 6 => StatusCodes.Status303SeeOther, _ => StatusCodes.Status307TemporaryRedirect };
                response.Headers.Location = url;
                response.ContentType = null;
                return [];
            default:
                return Bytes(answer);
        }
    }

    private static byte[] Error(HttpResponse response, JsonNode? root, Choice choice)
    {
        var text = root?["error"]?["message"]?.GetValue<string>() ?? "";
        switch (choice.Of("error", 5))
        {
            case 1:
                response.ContentType = MediaTypeNames.Text.Html;
                return Encoding.UTF8.GetBytes($"<html><body><h1>{response.StatusCode}</h1></body></html>");
            case 2:
                response.ContentType = null;
                return [];
            case 3:
                return Bytes(new JsonObject { ["message"] = text });
            case 4:
                var whole = Bytes(root);
                return whole[..(whole.Length / 2)];
            default:
                return Bytes(root);
        }
    }

    private static byte[] Bytes(JsonNode? node) => Encoding.UTF8.GetBytes(node?.ToJsonString(Wire.Json) ?? "null");

    /// <summary>One choice a name and answer: all items of a list have the same form.</summary>
    private sealed class Choice(Fault fault, long seed)
    {
        public int Of(string name, int count) => (int)(FaultChance.Of(seed, $"{fault.Identity}|{name}", fault.Matches) * count);
    }
}
