using System.Management.Automation;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Meshia.Floor;

/// <summary>The least that a list of sessions takes: one request, one reader, one object each. No retry, no limit, no checks.</summary>
[Cmdlet(VerbsCommon.Get, "FloorSession")]
[OutputType(typeof(FloorSession))]
public sealed class GetFloorSession : PSCmdlet
{
    protected override void EndProcessing()
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{Environment.GetEnvironmentVariable("MESHIA_BASE_URI")}/sessions");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Environment.GetEnvironmentVariable("MESHIA_API_KEY"));
        using var response = client.Send(request).EnsureSuccessStatusCode();
        using var document = JsonDocument.Parse(response.Content.ReadAsStream());
        foreach (var item in document.RootElement.GetProperty("sessions").EnumerateArray())
        {
            WriteObject(new FloorSession
            {
                Id = item.GetProperty("id").GetString(),
                Name = item.GetProperty("name").GetString(),
                Gpu = item.GetProperty("gpu").GetString(),
                Status = item.GetProperty("status").GetString(),
                CreatedAt = item.GetProperty("created_at").GetDateTimeOffset(),
            });
        }
    }
}
