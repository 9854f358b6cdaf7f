using System.Text;

namespace Meshia.Client.Tests;

/// <summary>Answers that are compressed although nobody asked, or in another encoding than UTF-8.</summary>
public class DecodingTests
{
    private const string Session = """{"id":"sess_ü","name":"größer"}""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [Trait("Contract", "content-encoding")]
    [InlineData("gzip")]
    [InlineData("x-gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    [InlineData("deflate without a header")]
    [InlineData("identity")]
    [InlineData("gzip, br")]
    public async Task An_answer_that_is_compressed_is_read(string encoding)
    {
        await using var service = await StartAsync(json => Compressed.With(Encoding.UTF8.GetBytes(json), encoding), encoding.Split(" without")[0], "application/json");

        await AssertReadAsync(service);
    }

    [Theory]
    [Trait("Contract", "content-encoding")]
    [InlineData("utf-16", false)]
    [InlineData("utf-16", true)]
    [InlineData("utf-16BE", false)]
    [InlineData("\"utf-32\"", true)]
    [InlineData("iso-8859-1", false)]
    [InlineData("windows-1252", false)]
    [InlineData("utf8", true)]
    [InlineData("", true)]
    [InlineData("utf-16 without a name", true)]
    [InlineData("utf-16BE without a name", true)]
    [InlineData("utf-32 without a name", true)]
    [InlineData("no-such-name", false)]
    public async Task An_answer_in_another_encoding_is_read(string name, bool hasMark)
    {
        const string without = " without a name";
        var encoding = name is "no-such-name" or "utf8" or "" ? Encoding.UTF8 : CodePagesEncodingProvider.Instance.GetEncoding(name) ?? Encoding.GetEncoding(name.Replace(without, "", StringComparison.Ordinal).Trim('"'));
        await using var service = await StartAsync(json => [.. hasMark ? encoding.GetPreamble() : [], .. encoding.GetBytes(json)], null, name.Length == 0 || name.EndsWith(without, StringComparison.Ordinal) ? "application/json" : $"application/json; charset={name}");

        await AssertReadAsync(service);
    }

    [Fact]
    public async Task A_bomb_does_not_fill_the_memory()
    {
        var bomb = Compressed.With(new byte[100 * 1024 * 1024], "gzip");
        await using var service = await StartAsync(_ => bomb, "gzip", "application/json");
        using var client = service.Client();

        var failure = await TestClient.FailsAsync(() => client.GetSessionAsync("s1", cancellationToken: Cancel));

        Assert.Equal(MeshiaFailure.InvalidAnswer, failure.Failure);
        Assert.Contains("too long", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_encoding_that_nobody_knows_is_named()
    {
        await using var service = await StartAsync(Encoding.UTF8.GetBytes, "zstd", "application/json");
        using var client = service.Client();

        var failure = await TestClient.FailsAsync(() => client.GetSessionAsync("s1", cancellationToken: Cancel));

        Assert.Contains("zstd", failure.Message, StringComparison.Ordinal);
        Assert.Single(service.Requests);
    }

    private static Task<ScriptedService> StartAsync(Func<string, byte[]> encode, string? encoding, string type) => ScriptedService.StartAsync(async (request, context) =>
    {
        var body = encode(request.Path.EndsWith("/sessions", StringComparison.Ordinal) && request.Method == "GET" ? $"[{Session}]" : Session);
        context.Response.ContentType = type;
        if (encoding is not null)
            context.Response.Headers.ContentEncoding = encoding;
        await context.Response.Body.WriteAsync(body);
    });

    private static async Task AssertReadAsync(ScriptedService service)
    {
        using var client = service.Client();

        Assert.Equal("größer", Assert.Single(await client.GetSessionsAsync(cancellationToken: Cancel).AllAsync()).Name);
        Assert.Equal("größer", (await client.GetSessionAsync("s1", cancellationToken: Cancel)).Name);
        Assert.Equal("sess_ü", (await client.CreateSessionAsync("größer", "rtx4090", cancellationToken: Cancel)).Id);
        Assert.Equal(3, service.Requests.Count);
    }
}
