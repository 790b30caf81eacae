/** The vendor page's three sample answers, verbatim. The first is not valid JSON: 12 opening braces, 11 closing ones. */
export const SEED_OK = `{
  "request_id": "1462259763,e2d2f8d6-204b-4c43-92ea-1d62b071f83c",
  "biz_no": "your_biz_no",
  "time_used": 100,
  "status": "OK",
  "liveness_result": {
    "score":{
        "flash_attack":0.5,
        "living_attack":0.5
    },
    "result":0.5,
    "details":0.5
    },
    "request_id":"1629684531,ec2fc2a6-01fc-4ecf-82fe-f26c5bf1b2ed",
    "verify_result":
    {
    "result_faceid": {
            "confidence": 68.918,
            "thresholds": {
                "1e-3": 64,
                "1e-4": 69,
                "1e-5": 74,
                "1e-6": 79.9
            }
        },
    "result_ref1": {
        "confidence": 68.918,
        "thresholds": {
            "1e-3": 64,
            "1e-4": 69,
            "1e-5": 74,
            "1e-6": 79.9
        }
    },
    "result_idcard_photo": {
        "confidence": 68.918,
        "thresholds": {
            "1e-3": 64,
            "1e-4": 69,
            "1e-5": 74,
            "1e-6": 79.9
        }
    },
    "result_idcard_datasource": {
        "confidence": 68.918,
        "thresholds": {
            "1e-3": 64,
            "1e-4": 69,
            "1e-5": 74,
            "1e-6": 79.9
        }
    },
    "biz_no":"c22fe4e0-66ba-4078-bd9b-3b1a20628f8d"
}`;

export const SEED_FAILED = `{
    "status": "Failed",
    "time_used":2,
    "image_best":"data:image/jpeg;base64,",
    "liveness_result":{
        "score":{
            "flash_attack":0.5,
            "living_attack":0.5
        },
        "result":0.5,
        "details":0.5
    },
    "request_id":"1629684531,ec2fc2a6-01fc-4ecf-82fe-f26c5bf1b2ed",
    "verify_result":{
    
    },
    "biz_no":"c22fe4e0-66ba-4078-bd9b-3b1a20628f8d"
}`;

export const SEED_NOT_STARTED = `{
    "status": "NOT_STARTED",
    "time_used":2,
    "image_best":"data:image/jpeg;base64,",
    "liveness_result":{
        "score":{
            "flash_attack":null,
            "living_attack":null
            },
        "result":null,
        "details":null
    },
    "request_id":"1629684531,ec2fc2a6-01fc-4ecf-82fe-f26c5bf1b2ed",
    "verify_result":{
    
    },
    "biz_no":"c22fe4e0-66ba-4078-bd9b-3b1a20628f8d"
}`;

/** The first sample with the brace of `verify_result` put in: valid JSON, and still no pass (docs/vendor.md row 9). */
export const SEED_OK_REPAIRED = SEED_OK.replace(/\n    \},\n    "biz_no"/, '\n    }\n    },\n    "biz_no"');
