using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Meshia.Client.Tests;

public sealed class SignatureTests
{
    private const int Secrets = 100;
    private const int BodiesOfEach = 100;

    /// <summary>The verifier of the documentation, told of each case on a line: secret, body and signature.</summary>
    private const string PythonVerifier = """
        import base64, hashlib, hmac, sys

        def verify_webhook(payload_body, signature, secret):
            expected = "sha256=" + hmac.new(secret.encode(), payload_body, hashlib.sha256).hexdigest()
            return hmac.compare_digest(expected, signature)

        for line in open(sys.argv[1], encoding="ascii"):
            secret, body, signature = [base64.b64decode(part) for part in line.rstrip("\n").split(" ")]
            print("1" if verify_webhook(body, signature.decode(), secret.decode()) else "0")
        """;

    [Fact]
    [Trait("Contract", "webhook-signature")]
    public void Is_the_documented_one()
    {
        // printf '{"event":"ping"}' | openssl dgst -sha256 -hmac s3cret
        var signature = WebhookSignature.Sign("""{"event":"ping"}"""u8.ToArray(), "s3cret");

        Assert.Equal($"sha256={Convert.ToHexStringLower(HMACSHA256.HashData("s3cret"u8, """{"event":"ping"}"""u8))}", signature);
        Assert.True(WebhookSignature.IsValid("""{"event":"ping"}"""u8.ToArray(), signature, ["s3cret"]));
    }

    /// <summary>A character that is no digit must not stand for bits of a byte, such as those of 0xf0.</summary>
    [Fact]
    public void Is_wrong_with_any_other_character_in_place_of_a_digit()
    {
        var body = "{}"u8.ToArray();
        var signature = WebhookSignature.Sign(body, "s3cret");

        foreach (var at in Enumerable.Range("sha256=".Length, 64))
        {
            foreach (var other in "gGF/:@`~ \u00e9")
                Assert.False(WebhookSignature.IsValid(body, signature[..at] + other + signature[(at + 1)..], ["s3cret"]), $"'{other}' at {at}");
        }
    }

    [Fact]
    public void Is_right_under_the_old_secret_and_the_new_one_while_it_is_being_replaced()
    {
        var body = "{}"u8.ToArray();

        Assert.True(WebhookSignature.IsValid(body, WebhookSignature.Sign(body, "old"), ["old", "new"]));
        Assert.True(WebhookSignature.IsValid(body, WebhookSignature.Sign(body, "new"), ["old", "new"]));
        Assert.False(WebhookSignature.IsValid(body, WebhookSignature.Sign(body, "older"), ["old", "new"]));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("sha256=")]
    [InlineData("sha256=00")]
    [InlineData("sha1=b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")]
    [InlineData("sha256=zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz")]
    [InlineData("sha256=００００００００００００００００００００００００００００００００００００００００００００００００００００００００００００００００")]
    [InlineData("sha256=b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7b0")]
    public void That_is_malformed_is_wrong_and_no_exception(string? signature) =>
        Assert.False(WebhookSignature.IsValid([], signature, ["secret", ""]));

    [Fact]
    public void In_another_case_or_with_spaces_is_wrong_as_in_the_documentation()
    {
        var body = "{}"u8.ToArray();
        var signature = WebhookSignature.Sign(body, "secret");

        Assert.False(WebhookSignature.IsValid(body, signature.ToUpperInvariant(), ["secret"]));
        Assert.False(WebhookSignature.IsValid(body, $"sha256={signature["sha256=".Length..].ToUpperInvariant()}", ["secret"]));
        Assert.False(WebhookSignature.IsValid(body, signature + " ", ["secret"]));
    }

    [Fact]
    public void Under_no_secret_is_wrong()
    {
        var body = "{}"u8.ToArray();

        Assert.False(WebhookSignature.IsValid(body, WebhookSignature.Sign(body, ""), [""]));
        Assert.False(WebhookSignature.IsValid(body, WebhookSignature.Sign(body, ""), []));
        Assert.False(WebhookSignature.IsValid(null, WebhookSignature.Sign(body, "secret"), ["secret"]));
        Assert.False(WebhookSignature.IsValid(body, WebhookSignature.Sign(body, "secret"), null));
    }

    [Fact]
    public async Task Of_ten_thousand_bodies_and_secrets_is_what_the_documentations_own_verifier_says()
    {
        var python = Find("python3");
        if (python is null)
            Assert.Skip("There is no python3 on PATH to run the documentation's verifier.");
        var cases = Cases().ToList();
        var folder = Directory.CreateTempSubdirectory("meshia-signatures-");
        try
        {
            var (script, list) = (Path.Combine(folder.FullName, "verify.py"), Path.Combine(folder.FullName, "cases"));
            await File.WriteAllTextAsync(script, PythonVerifier, TestContext.Current.CancellationToken);
            await File.WriteAllLinesAsync(list, cases.Select(item => string.Join(' ', Base64(item.Secret), Convert.ToBase64String(item.Body), Base64(item.Signature))), TestContext.Current.CancellationToken);

            var theirs = (await RunAsync(python, script, list)).Split('\n', StringSplitOptions.RemoveEmptyEntries);

            var ours = cases.Select(item => WebhookSignature.IsValid(item.Body, item.Signature, [item.Secret]) ? "1" : "0");
            Assert.Equal(Secrets * BodiesOfEach, theirs.Length);
            Assert.Equal(theirs, ours);
            Assert.Contains("1", theirs);
            Assert.Contains("0", theirs);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Of_ten_thousand_bodies_and_secrets_is_what_openssl_makes()
    {
        var openssl = Find("openssl");
        if (openssl is null)
            Assert.Skip("There is no openssl on PATH.");
        var folder = Directory.CreateTempSubdirectory("meshia-signatures-");
        try
        {
            foreach (var group in Cases().GroupBy(item => item.Secret))
            {
                var bodies = group.Select(item => item.Body).ToList();
                for (var i = 0; i < bodies.Count; i++)
                    await File.WriteAllBytesAsync(Path.Combine(folder.FullName, i.ToString("D3", CultureInfo.InvariantCulture)), bodies[i], TestContext.Current.CancellationToken);
                var key = Convert.ToHexString(Encoding.UTF8.GetBytes(group.Key));

                var theirs = await RunAsync(openssl, ["dgst", "-sha256", "-mac", "HMAC", "-macopt", $"hexkey:{key}", .. Directory.GetFiles(folder.FullName).Order(StringComparer.Ordinal)]);

                Assert.Equal(
                    theirs.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => $"sha256={line[(line.LastIndexOf(' ') + 1)..]}"),
                    bodies.Select(body => WebhookSignature.Sign(body, group.Key)));
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Bodies and secrets of every kind; about half of the signatures are right.</summary>
    private static IEnumerable<(string Secret, byte[] Body, string Signature)> Cases()
    {
        var random = new Random(20);
        for (var i = 0; i < Secrets; i++)
        {
            var secret = i == 0 ? "s" : Text(random, 1 + random.Next(200));
            for (var j = 0; j < BodiesOfEach; j++)
            {
                var body = (j % 5) switch
                {
                    0 when j == 0 => [],
                    0 => Encoding.UTF8.GetBytes(Text(random, random.Next(500))),
                    1 => new byte[random.Next(100)],
                    2 => Bytes(random, i < 5 && j == 2 ? 1024 * 1024 : random.Next(1000)),
                    3 => Encoding.UTF8.GetBytes($$"""{"event":"ping","n":{{j}},"text":"日本 \u0000 😀"}"""),
                    _ => Bytes(random, 64),
                };
                var signature = WebhookSignature.Sign(body, secret);
                yield return (secret, body, random.Next(4) switch
                {
                    0 => signature[..^1] + (signature[^1] == '0' ? '1' : '0'),
                    1 => WebhookSignature.Sign(body, secret + "x"),
                    _ => signature,
                });
            }
        }
    }

    private static string Text(Random random, int length)
    {
        var text = new StringBuilder();
        while (text.Length < length)
            text.Append(new Rune(random.Next(3) switch { 0 => random.Next(1, 0x80), 1 => random.Next(0x80, 0xD800), _ => random.Next(0x10000, 0x110000) }));
        return text.ToString();
    }

    private static byte[] Bytes(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, OperatingSystem.IsWindows() ? $"{program}.exe" : program))
        .FirstOrDefault(File.Exists);

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
        return output.ReplaceLineEndings("\n");
    }
}
