using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Reflection.Emit;
using System.Text;

namespace Meshia.Tests;

/// <summary>What .NET Framework does differently; what happened goes to standard output, a line for each step.</summary>
internal static class Conduct
{
    private static readonly string[] _names = ["\U0001F970.bin", "CON", "dot.", "a\u200Db", "..\\up", "x.partial", "e\u0301"];

    public static async Task RunAsync(Assembly module, string folder)
    {
        // A class in a script has a dynamic assembly, which has no location.
        var dynamic = AppDomain.CurrentDomain.DefineDynamicAssembly(new("ClassesOfAScript"), AssemblyBuilderAccess.Run);
        var resolve = module.GetType("Meshia.PowerShell.ModuleInitializer").GetMethod("Resolve", BindingFlags.Static | BindingFlags.NonPublic);
        Console.WriteLine($"resolved for others {resolve.Invoke(null, [null, new ResolveEventArgs("Somebody.Elses, Version=1.0.0.0", dynamic)]) ?? "nothing"}");

        var escaped = _names.Select(name => string.Concat(ArtifactFileName.For(name, "art_1").Select(sign => sign < 127 ? sign.ToString() : $"\\u{(int)sign:X4}")));
        Console.WriteLine($"names {string.Join(" ", escaped)}");

        var path = Path.Combine(folder, "own");
        OwnFile.WriteAllBytes(path, [1]);
        OwnFile.WriteAllBytes(path, [2, 3]);
        Console.WriteLine($"file {OwnFile.ReadAllBytes(path)?.Length} of {Directory.GetFiles(folder).Length}");
        using (OwnFile.OpenOrCreate(path))
            Console.WriteLine($"held {Failure(() => OwnFile.Open(path, FileAccess.Read, FileShare.None).Dispose())}");

        var json = (Dictionary<string, object?>)JsonValue.Parse(Encoding.UTF8.GetBytes("""{"a":9007199254740993,"b":"\ud83e\udd70","A":0.1,"c":[null,true,1e-7,0.1,2.5,0.30000000000000004]}"""))!;
        Console.WriteLine($"json {json.Count} {json["a"]} {((string)json["b"]!).Length} {JsonValue.ToText(json["c"])}");

        using var service = new RawService("""{"id":"sess_1","status":"running"}""");
        using (var client = Client(service.Address))
            await client.CreateSessionAsync("framework", "rtx4090");
        var point = ServicePointManager.FindServicePoint(service.Address);
        Console.WriteLine($"expects {point.Expect100Continue}, connections {point.ConnectionLimit}, lease {point.ConnectionLeaseTimeout / 1000} s");
        Console.WriteLine($"defaults of others {ServicePointManager.DefaultConnectionLimit == _connectionsBefore} {ServicePointManager.Expect100Continue}");

        foreach (var status in new[] { WebExceptionStatus.TrustFailure, WebExceptionStatus.SecureChannelFailure, WebExceptionStatus.ReceiveFailure })
            Console.WriteLine($"{status} was never sent {Resilience.WasNeverSent(new HttpRequestException("", new WebException("", status)))}");

        await UseLegacyAddressesAsync(service);
    }

    private static readonly int _connectionsBefore = ServicePointManager.DefaultConnectionLimit;

    /// <summary>Windows PowerShell reads addresses as .NET Framework 4.0 did: %2F is a slash.</summary>
    private static async Task UseLegacyAddressesAsync(RawService service)
    {
        const int unescapeDotsAndSlashes = 0x2000000;
        foreach (var name in new[] { "HttpUri", "HttpsUri" })
        {
            var parser = typeof(UriParser).GetField(name, BindingFlags.Static | BindingFlags.NonPublic).GetValue(null);
            var flags = typeof(UriParser).GetField("m_Flags", BindingFlags.Instance | BindingFlags.NonPublic);
            flags.SetValue(parser, Enum.ToObject(flags.FieldType, Convert.ToInt32(flags.GetValue(parser), CultureInfo.InvariantCulture) | unescapeDotsAndSlashes));
        }

        Console.WriteLine($"legacy {new Uri("http://host/a%2F..%2Fb").AbsolutePath}");
        var before = service.Heads.Count;
        using var client = Client(service.Address);
        foreach (var id in new[] { "../webhooks", "a/b", "a\\b" })
            Console.WriteLine($"id {id} {(await FailureAsync(() => client.GetSessionAsync(id)))?.Message.Contains("PowerShell 7")}");
        Console.WriteLine($"sent {service.Heads.Count - before}");
        Console.WriteLine($"signed {Failure(() => ExactUri.TryCreate("https://host/a%2Fb?sig=%2F"))} {ExactUri.TryCreate("https://host/a-b?sig=%2F%2B")?.AbsoluteUri}");
    }

    private static MeshiaClient Client(Uri address) => new(new ApiKey("msh_framework_key_of_a_test"), new MeshiaClientOptions { BaseUri = address, MaxRetries = 0 });

    private static string Failure(Action work)
    {
        try
        {
            work();
            return "nothing";
        }
        catch (Exception failure)
        {
            return failure.GetType().Name;
        }
    }

    private static async Task<Exception?> FailureAsync(Func<Task> work)
    {
        try
        {
            await work();
            return null;
        }
        catch (Exception failure)
        {
            return failure;
        }
    }

    /// <summary>Answers every request with the same body, and remembers what came.</summary>
    private sealed class RawService : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

        public RawService(string body)
        {
            _listener.Start();
            Address = new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/api/v1");
            _ = Task.Run(() =>
            {
                while (true)
                {
                    using var client = _listener.AcceptTcpClient();
                    var buffer = new byte[8192];
                    var text = "";
                    for (var read = 1; read > 0 && text.IndexOf("\r\n\r\n", StringComparison.Ordinal) < 0 && (text.Length == 0 || text[0] is >= 'A' and <= 'Z'); text += Encoding.ASCII.GetString(buffer, 0, read))
                        read = client.GetStream().Read(buffer, 0, buffer.Length);
                    if (text.StartsWith("POST", StringComparison.Ordinal) || text.StartsWith("GET", StringComparison.Ordinal))
                        Heads.Add(text);
                    var answer = Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}");
                    client.GetStream().Write(answer, 0, answer.Length);
                }
            });
        }

        public Uri Address { get; }

        public List<string> Heads { get; } = [];

        public void Dispose() => _listener.Stop();
    }
}
